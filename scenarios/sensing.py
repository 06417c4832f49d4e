"""The sensors of a run: the table's rows with their parameters, as plans for the loop and values for the key."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, fields, replace
from typing import Any

from scenarios.documents import nearest
from sim.attachments import Sensor
from sim.loop import SensorPlan
from sim.sensors import SENSORS, CameraParameters, MotionParameters, RadarParameters
from sim.truth import Roster
from stack.vocabulary import topics

Pedals = Callable[[], tuple[float, float, float]]

# The object-level set every run has; pixel camera, lidar and GNSS are sockets of the table.
PARAMETERS: dict[str, Any] = {
    topics.RADAR: RadarParameters(),
    topics.CAMERA: CameraParameters(),
    topics.EGO_MOTION: MotionParameters(),
}


def parameter_problem(topic: str, name: str) -> str:
    """What is wrong with a parameter's address; empty if it exists."""
    if topic not in PARAMETERS:
        return f"this run has no sensor '{topic}'{nearest(topic, PARAMETERS)}"
    known = [field.name for field in fields(PARAMETERS[topic])]
    return "" if name in known else f"sensor {topic} has no parameter '{name}'{nearest(name, known)}"


def parameters_of(topic: str, changes: Mapping[str, Mapping[str, float]]) -> Any:  # noqa: ANN401 - one of three types
    """A sensor's parameters with changes applied."""
    return replace(PARAMETERS[topic], **changes.get(topic, {}))


def documents(changes: Mapping[str, Mapping[str, float]]) -> tuple[dict[str, Any], ...]:
    """Every sensor's row and parameters as plain values, for the key."""
    return tuple(
        {
            "topic": topic,
            "rate_hz": SENSORS[topic].rate_hz,
            "phase_ns": SENSORS[topic].phase_ns,
            "exposure_ns": SENSORS[topic].exposure_ns,
            "readout_ns": SENSORS[topic].readout_ns,
            "transport_ns": SENSORS[topic].transport_ns,
            "parameters": asdict(parameters_of(topic, changes)),
        }
        for topic in PARAMETERS
    )


def plans(
    seed: int, roster: Roster, changes: Mapping[str, Mapping[str, float]], pedals: Pedals
) -> tuple[SensorPlan, ...]:
    """Fresh sensors of one run, in table order."""
    made = []
    for topic in PARAMETERS:
        row = SENSORS[topic]
        given = {"pedals": pedals} if topic == topics.EGO_MOTION else {}
        sensor = row.make(seed, roster, parameters_of(topic, changes), **given)
        first = row.slot(0)
        made.append(
            SensorPlan(
                topic=topic,
                sensor=sensor,
                period_ns=row.period_ns,
                phase_ns=int(first),
                processing_ns=row.published_at(first) - first,
            )
        )
    return tuple(made)


def with_sensor(plan: SensorPlan, sensor: Sensor) -> SensorPlan:
    """The same plan with the sensor wrapped."""
    return replace(plan, sensor=sensor)

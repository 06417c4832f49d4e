"""The sensors of a run: the table's rows with their parameters, as plans for the loop and values for the key."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, fields, replace
from typing import Any

from scenarios.documents import nearest
from scenarios.keys import plain
from scenarios.rig_files import RawSensor
from sim.attachments import Sensor
from sim.loop import SensorPlan
from sim.scenery.scene import Scenery
from sim.sensors import SENSORS, SensorRow
from sim.truth import Roster
from stack.vocabulary import NS_PER_S, topics
from stack.vocabulary.topics import kind_of

Pedals = Callable[[], tuple[float, float, float]]

# The object-level set every run has; a rig adds raw sensors.
OBJECT_LEVEL = (topics.RADAR, topics.CAMERA, topics.EGO_MOTION)


def parameter_problem(topic: str, name: str) -> str:
    """What is wrong with a parameter's address; empty if it exists, or belongs to a raw sensor."""
    if kind_of(topic) in topics.RAW_INPUTS:
        return ""  # whether the run has it is the rig's to say
    if topic not in OBJECT_LEVEL:
        return f"this run has no sensor '{topic}'{nearest(topic, OBJECT_LEVEL)}"
    known = [field.name for field in fields(SENSORS[topic].parameters)]
    return "" if name in known else f"sensor {topic} has no parameter '{name}'{nearest(name, known)}"


def parameters_of(topic: str, changes: Mapping[str, Mapping[str, Any]]) -> Any:  # noqa: ANN401 - one of three types
    """An object-level sensor's parameters with changes applied."""
    return replace(SENSORS[topic].parameters, **changes.get(topic, {}))


def documents(changes: Mapping[str, Mapping[str, Any]], rig: tuple[RawSensor, ...]) -> tuple[dict[str, Any], ...]:
    """Every sensor's row and parameters as plain values, for the key."""
    listed = [
        _document(topic, SENSORS[topic].rate_hz, SENSORS[topic], parameters_of(topic, changes))
        for topic in OBJECT_LEVEL
    ]
    for raw in rig:
        document = _document(raw.topic, raw.rate_hz, SENSORS[kind_of(raw.topic)], raw.parameters)
        listed.append(document | {"mount": None if raw.mount is None else asdict(raw.mount)})
    return tuple(listed)


def _document(topic: str, rate_hz: float, row: SensorRow, parameters: Any) -> dict[str, Any]:
    return {
        "topic": topic,
        "rate_hz": rate_hz,
        "phase_ns": row.phase_ns,
        "exposure_ns": row.exposure_ns,
        "readout_ns": row.readout_ns,
        "transport_ns": row.transport_ns,
        "parameters": plain(parameters),
    }


def plans(
    seed: int,
    roster: Roster,
    changes: Mapping[str, Mapping[str, Any]],
    pedals: Pedals,
    scenery: Scenery,
    rig: tuple[RawSensor, ...] = (),
) -> tuple[SensorPlan, ...]:
    """Fresh sensors of one run: object level in table order, then the rig's in its order."""
    made = []
    for topic in OBJECT_LEVEL:
        row = SENSORS[topic]
        given: dict[str, Any] = {"pedals": pedals} if topic == topics.EGO_MOTION else {}
        if row.needs_scenery:
            given["scenery"] = scenery
        sensor = row.make(seed, roster, parameters_of(topic, changes), **given)
        made.append(_plan(topic, sensor, row, row.rate_hz))
    for raw in rig:
        row = SENSORS[kind_of(raw.topic)]
        given = {} if raw.mount is None else {"mount": raw.mount}
        sensor = row.make(seed, roster, raw.parameters, name=raw.topic, scenery=scenery, **given)
        made.append(_plan(raw.topic, sensor, row, raw.rate_hz))
    return tuple(made)


def _plan(topic: str, sensor: Sensor, row: SensorRow, rate_hz: float) -> SensorPlan:
    first = row.slot(0)
    return SensorPlan(
        topic=topic,
        sensor=sensor,
        period_ns=round(NS_PER_S / rate_hz),
        phase_ns=int(first),
        processing_ns=row.published_at(first) - first,
    )


def with_sensor(plan: SensorPlan, sensor: Sensor) -> SensorPlan:
    """The same plan with the sensor wrapped."""
    return replace(plan, sensor=sensor)


def on_ticks(plans: tuple[SensorPlan, ...], grain_ns: int) -> tuple[tuple[SensorPlan, ...], dict[str, int]]:
    """The same sensors with every instant moved up to a tick of the world, and by how much the first one moved.

    A period that is no multiple of the tick becomes the next longer one.
    """
    if grain_ns == 0:
        return plans, {}
    moved, by_ns = [], {}
    for plan in plans:
        phase_ns = -(-plan.phase_ns // grain_ns) * grain_ns
        period_ns = -(-plan.period_ns // grain_ns) * grain_ns
        if (phase_ns, period_ns) != (plan.phase_ns, plan.period_ns):
            by_ns[plan.topic] = phase_ns - plan.phase_ns
        moved.append(replace(plan, phase_ns=phase_ns, period_ns=period_ns))
    return tuple(moved), by_ns

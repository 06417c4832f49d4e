"""A builder of truth frames for the sensor tests: the ego is a 10 m truck with its front edge at the origin."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from sim.randomness import entity_id
from sim.sensors import MotionSensor, ObjectCamera, Radar
from sim.sensors.plain_scenery import plain_scenery
from sim.truth import (
    COLUMNS,
    LATERAL_SPEED,
    PATH_CURVATURE,
    PATH_OFFSET,
    SPEED,
    ActorKind,
    Conditions,
    Roster,
    TruthFrame,
)
from stack.vocabulary import SimNs

SIZES = {
    ActorKind.CAR: (4.5, 1.8, 1.5),
    ActorKind.VAN: (5.5, 2.0, 2.5),
    ActorKind.TRUCK: (10.0, 2.5, 3.8),
    ActorKind.CYCLIST: (1.8, 0.6, 1.8),
    ActorKind.ADULT: (0.5, 0.6, 1.75),
    ActorKind.CHILD: (0.4, 0.5, 1.15),
    ActorKind.SOFT_TARGET: (4.0, 1.7, 1.43),
    ActorKind.STEEL_PLATE: (3.7, 2.4, 0.025),
    ActorKind.GANTRY: (0.6, 14.0, 1.0),
    ActorKind.GUARD_RAIL: (400.0, 0.3, 0.75),
    ActorKind.BUILDING: (20.0, 10.0, 8.0),
}


def actor(name: str, kind: ActorKind, x_m: float, y_m: float = 0.0, **more: float) -> dict[str, Any]:
    """One actor by the centre of its outline; `more` may hold yaw_rad, speed_mps, clearance_m."""
    return {"name": name, "kind": kind, "x": x_m, "y": y_m, **more}


def build(
    actors: Sequence[dict[str, Any]],
    *,
    speed_mps: float = 20.0,
    visibility_m: float = 20_000.0,
    illuminance_lx: float = 20_000.0,
    path_offset_m: float = 0.0,
    curvature_1pm: float = 0.0,
) -> TruthFrame:
    """A frame of the ego (row 0) and the given actors, in their order."""
    rows = [actor("ego", ActorKind.TRUCK, -5.0, speed_mps=speed_mps), *actors]
    state = np.zeros((len(rows), COLUMNS))
    for row, each in zip(state, rows, strict=True):
        row[:3] = each["x"], each["y"], each.get("yaw_rad", 0.0)
        row[SPEED], row[LATERAL_SPEED] = each.get("speed_mps", 0.0), each.get("lateral_mps", 0.0)
    state[0, PATH_OFFSET], state[0, PATH_CURVATURE] = path_offset_m, curvature_1pm
    state.flags.writeable = False
    roster = Roster(
        names=tuple(each["name"] for each in rows),
        kinds=tuple(each["kind"] for each in rows),
        entities=np.array([entity_id(each["name"]) for each in rows], dtype=np.uint32),
        size_m=np.array([SIZES[each["kind"]] for each in rows]),
        clearance_m=np.array([each.get("clearance_m", 0.0) for each in rows]),
        mass_kg=np.ones(len(rows)),
    )
    conditions = Conditions(friction_ratio=0.8, visibility_m=visibility_m, illuminance_lx=illuminance_lx)
    return TruthFrame(at=SimNs(0), roster=roster, conditions=conditions, state=state)


@pytest.fixture(name="build")
def build_fixture() -> Callable[..., TruthFrame]:
    return build


@pytest.fixture(name="actor")
def actor_fixture() -> Callable[..., dict[str, Any]]:
    return actor


@pytest.fixture(name="slots")
def slots_fixture() -> Callable[[int], tuple[SimNs, ...]]:
    return lambda count: tuple(SimNs(index * 50_000_000) for index in range(count))


@pytest.fixture(scope="session", autouse=True)
def _compiled() -> None:
    """Let the kernels compile before the first test, so that no test's time holds a compiler's."""
    frame = build([actor("car", ActorKind.CAR, 50.0)])
    for sensor in (
        Radar(1, frame.roster, scenery=plain_scenery(frame.roster)),
        ObjectCamera(1, frame.roster),
        MotionSensor(1, frame.roster, pedals=lambda: (0.0, 0.0, 0.0)),
    ):
        sensor.sense(frame, SimNs(0))

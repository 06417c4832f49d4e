"""What `faultline doctor --carla HOST:PORT` looks at: one CARLA server, what it has and what it lacks.

Nothing stays changed: the clock is held for some ticks and given back, no map is opened, nothing spawned.
"""

from time import perf_counter

import numpy as np

from scenarios import worlds
from scenarios.checkup import Checked
from scenarios.maps import map_names
from sim.carla_client.address import Address, address_of
from sim.carla_client.roles import roles_on
from sim.carla_client.wire import NOBODY, PLACEMENT_COLUMNS, Pedals, ServerFacts, Wire
from sim.carla_client.world import TICK_NS
from stack.vocabulary import NS_PER_S, FaultlineError

TICKS = 200
SENSORS = (
    "camera.rgb", "camera.depth", "camera.semantic_segmentation", "camera.instance_segmentation", "lidar.ray_cast",
    "lidar.ray_cast_semantic", "other.radar", "other.imu", "other.gnss", "other.collision",
)  # fmt: skip


def carla_checkup(text: str) -> list[Checked]:
    """Every part of one server; raises `InputError` for an address that cannot be read."""
    address = address_of(text, "--carla")
    try:
        wire = worlds.connect(address)
    except FaultlineError as problem:
        return [Checked(part="carla: server", usable=False, needed=True, detail=str(problem))]
    try:
        facts = wire.facts()
        return [_server(address, facts), *_maps(facts), *_blueprints(facts), _sensors(facts), _ticks(wire)]
    except FaultlineError as problem:
        return [Checked(part="carla: server", usable=False, needed=True, detail=str(problem))]
    finally:
        wire.close()


def _server(address: Address, facts: ServerFacts) -> Checked:
    ours = any(one.startswith("vehicle.faultline.") for one in facts.ids)
    whose = "with Faultline's blueprints" if ours else "without Faultline's blueprints: CARLA's nearest stand in"
    detail = f"{address.text}, CARLA {facts.server_version} (client {facts.client_version}), {whose}"
    return Checked(part="carla: server", usable=True, needed=True, detail=detail)


def _maps(facts: ServerFacts) -> list[Checked]:
    names = {name.rpartition("/")[2].lower(): name for name in facts.maps}
    by_name = [name for name in map_names() if name in names]
    from_text = [name for name in map_names() if name not in names]
    ways = [f"by name {', '.join(by_name)}"] if by_name else []
    ways += [f"from OpenDRIVE text {', '.join(from_text)}"] if from_text else []
    towns = ", ".join(sorted(names)) or "none"
    return [
        Checked(part="carla: map", usable=True, needed=True, detail=f"{facts.map_name} is open; towns: {towns}"),
        Checked(part="carla: our maps", usable=True, needed=True, detail="; ".join(ways)),
    ]


def _blueprints(facts: ServerFacts) -> list[Checked]:
    rows = roles_on(facts)
    lacking = [name for name, blueprint in rows if not blueprint]
    listed = ", ".join(f"{name}: {blueprint}" for name, blueprint in rows if blueprint)
    count = Checked(
        part="carla: blueprints", usable=True, needed=True,
        detail=f"{len(facts.blueprints)}, library {facts.library_digest}; {listed}",
    )  # fmt: skip
    if not lacking:
        return [count]
    detail = f"none for {', '.join(lacking)}: scenarios with them need another server, or run without showing them"
    return [count, Checked(part="carla: blueprints lacking", usable=False, needed=False, detail=detail)]


def _sensors(facts: ServerFacts) -> Checked:
    lacking = [name for name in SENSORS if f"sensor.{name}" not in facts.ids]
    there = ", ".join(name for name in SENSORS if name not in lacking)
    detail = there if not lacking else f"{there}; it lacks {', '.join(lacking)}"
    return Checked(part="carla: sensors", usable=not lacking, needed=False, detail=detail)


def _ticks(wire: Wire) -> Checked:
    """Whether the clock can be held: every tick one frame of exactly the step asked for, and how fast."""
    tick_s = TICK_NS / NS_PER_S
    wire.hold(tick_s)
    nobody = np.zeros((0, PLACEMENT_COLUMNS))
    first = wire.tick(NOBODY, Pedals(), (), nobody)
    begun_s = perf_counter()
    last = first
    for _ in range(TICKS):
        last = wire.tick(NOBODY, Pedals(), (), nobody)
    rate_hz = TICKS / max(perf_counter() - begun_s, 1e-9)
    paced = last.frame - first.frame == TICKS and abs(last.elapsed_s - first.elapsed_s - TICKS * tick_s) < 1e-4
    says = "one frame per tick" if paced else f"{last.frame - first.frame} frames in {TICKS} ticks: do others tick it?"
    detail = f"{says}, {rate_hz:.0f} ticks/s of {1000.0 * tick_s:g} ms, {rate_hz * tick_s:.1f}x real time when empty"
    return Checked(part="carla: synchronous ticks", usable=paced, needed=True, detail=detail)

"""A town's traffic lights and signs: where they stand, whom they hold, and which lights have their turns together.

Poses are in the world frame after ISO 8855; transforms and boxes carry CARLA's axes and units. Lights
without a controller of their own have their turns by the road from which their junction is entered.
"""

from dataclasses import dataclass, replace
from functools import lru_cache
from math import cos, pi, sin
from typing import Final
from xml.etree import ElementTree

from sim import left_handed
from sim.episode.lane_places import LanePlaces
from sim.episode.scene import Pose
from sim.episode.signalling import ControllerText, SignalText, controllers_in, signals_in
from sim.episode.stop_places import Stop, Zone, actor_pose, stops_of, transform_of, trigger_of, zones_of
from sim.episode.structs import BoundingBox, Rotation, Transform, Vector3D
from sim.road import Road, RoadSignal
from sim.scenery.mapped import LIGHT_KINDS, OVERHEAD_M
from sim.scenery.materials import MATERIAL
from sim.scenery.mesh import Mesh, frozen
from sim.scenery.signals import (
    COLOURS,
    FRONT_M,
    HALF_WIDTH_M,
    LENS_APART_M,
    LOWER_EDGE_M,
    POST_RADIUS_M,
    REAR_M,
    signal,
)
from sim.scenery.still import Fixture

RED, YELLOW, GREEN, OFF, UNKNOWN = 0, 1, 2, 3, 4  # CARLA's states of a traffic light
LIT: Final = {RED: "red", YELLOW: "amber", GREEN: "green", OFF: "", UNKNOWN: ""}
WALKERS_LIGHT: Final = "1000002"  # OpenDRIVE's number of a light for pedestrians
DRIVERS_LIGHTS: Final = LIGHT_KINDS - {WALKERS_LIGHT}
LOWEST_HEAD_M: Final = 1.5  # own: a map that hangs a head lower has given the place of its post
SIGN_BEFORE_M: Final = 4.0  # own: a stop or yield sign is obeyed from here on
STOP, YIELD, SPEED_LIMIT = "206", "205", "274"  # German catalogue (VzKat 2017), which CARLA's client reads too
LIMIT_STEP_KMH, HIGHEST_KMH = 5, 140  # of `sim.blueprints`' signs
KMH: Final = {"km/h": 1.0, "mph": 1.609344, "m/s": 3.6}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LampPlan:
    """One traffic light. `pose` is the foot of its post; meshes look along +x from there.

    `meshes` by state: 0 red, 1 yellow, 2 green, 3 off, 4 unknown (as off); they differ by their materials alone.
    `trigger` is relative to `transform`. Lights of one `group` have their turns one after the other, those of one
    `phase` have theirs together.
    """

    sign_id: str
    name: str
    pose: Pose
    meshes: dict[int, Mesh]
    transform: Transform
    trigger: BoundingBox
    zones: tuple[Zone, ...]
    stops: tuple[Stop, ...]
    light_boxes: tuple[BoundingBox, ...]  # of its head, in the world
    group: str
    phase: str
    turn: int  # of its phase within the group
    pole_index: int  # of the light within its group


@dataclass(frozen=True, slots=True, kw_only=True)
class SignPlan:
    """One sign that is an actor. `limit_kmh` is 0 for signs that limit no speed."""

    sign_id: str
    name: str
    blueprint_id: str
    transform: Transform
    trigger: BoundingBox
    zones: tuple[Zone, ...]
    stops: tuple[Stop, ...]
    limit_kmh: float


def lamps_of(road: Road, root: ElementTree.Element, places: LanePlaces) -> tuple[LampPlan, ...]:
    """All lights for drivers, in the order of the text."""
    texts = [text for text in signals_in(root, road) if text.signal.kind in DRIVERS_LIGHTS]
    controllers = controllers_in(root)
    stops = [stops_of(places, text.spots) for text in texts]
    zones = [zones_of(places, each) for each in stops]
    phases = _phases(texts, zones, controllers)
    poles: dict[str, int] = {}
    plans = []
    for text, held, over, (group, phase, turn) in zip(texts, stops, zones, phases, strict=True):
        poles[group] = poles.get(group, -1) + 1
        plans.append(_lamp(text, held, over, (group, phase, turn), poles[group]))
    return tuple(plans)


def _lamp(
    text: SignalText, stops: tuple[Stop, ...], zones: tuple[Zone, ...], phase: tuple[str, str, int], pole: int
) -> LampPlan:
    stands = text.signal
    main = zones[0] if zones else None
    facing_rad = stands.yaw_rad if main is None else left_handed.wrapped(main.yaw_rad + pi)
    pose = Pose(stands.x_m, stands.y_m, stands.ground_m, facing_rad)
    lower_m = round(stands.z_m - stands.ground_m, 2)
    hanging = lower_m >= OVERHEAD_M
    lower_m = lower_m if lower_m >= LOWEST_HEAD_M else LOWER_EDGE_M
    actor = actor_pose(*pose[:3], main, facing_rad)
    return LampPlan(
        sign_id=text.id, name=stands.name or f"traffic_light_{text.id}", pose=pose, meshes=_heads(lower_m, hanging),
        transform=transform_of(actor), trigger=trigger_of(actor, main), zones=zones, stops=stops,
        light_boxes=(_head_box(pose, lower_m),), group=phase[0], phase=phase[1], turn=phase[2], pole_index=pole,
    )  # fmt: skip


@lru_cache(maxsize=64)
def _heads(lower_m: float, hanging: bool) -> dict[int, Mesh]:
    """The light by its state; one that hangs over the road has no post."""
    meshes = {state: signal(lit, lower_m) for state, lit in LIT.items()}
    return {state: _without_post(mesh) for state, mesh in meshes.items()} if hanging else meshes


def _without_post(mesh: Mesh) -> Mesh:
    kept = mesh.materials != MATERIAL["pole"]
    return frozen(replace(mesh, triangles=mesh.triangles[kept], materials=mesh.materials[kept]))


def _head_box(pose: Pose, lower_m: float) -> BoundingBox:
    height_m = len(COLOURS) * LENS_APART_M
    ahead_m = 0.5 * (REAR_M + FRONT_M)
    middle = (pose.x_m + ahead_m * cos(pose.yaw_rad), pose.y_m + ahead_m * sin(pose.yaw_rad),
              pose.z_m + lower_m + 0.5 * height_m)  # fmt: skip
    extent = Vector3D(0.5 * (FRONT_M - REAR_M), HALF_WIDTH_M, 0.5 * height_m)
    turned = Rotation(*left_handed.angles_to_carla(pose.yaw_rad, 0.0, 0.0))
    return BoundingBox(Vector3D(*left_handed.mirrored(*middle)), extent, turned)


def _phases(
    texts: list[SignalText], zones: list[tuple[Zone, ...]], controllers: tuple[ControllerText, ...]
) -> list[tuple[str, str, int]]:
    """Group, phase and turn of every light."""
    by_signal: dict[str, ControllerText] = {}
    turns: dict[str, list[str]] = {}
    for controller in controllers:
        for signal_id in controller.signal_ids:
            by_signal.setdefault(signal_id, controller)
    named: list[tuple[str, str]] = []
    for text, over in zip(texts, zones, strict=True):
        junction = next((zone.junction_id for zone in over if zone.junction_id), "")
        mine = by_signal.get(text.id)
        if mine is not None:
            junction = mine.junction_id or junction
            group, phase = f"junction {junction}" if junction else f"controller {mine.id}", mine.id
        elif junction:
            group, phase = f"junction {junction}", f"road {over[0].road_id}"
        else:
            group = phase = f"light {text.id}"
        named.append((group, phase))
    for controller in controllers:  # those with a controller first, in the order of their turns
        for group, phase in named:
            if phase == controller.id and phase not in turns.setdefault(group, []):
                turns[group].append(phase)
    for group, phase in named:
        if phase not in turns.setdefault(group, []):
            turns[group].append(phase)
    return [(group, phase, turns[group].index(phase)) for group, phase in named]


def signs_of(road: Road, root: ElementTree.Element, places: LanePlaces) -> tuple[SignPlan, ...]:
    """All signs that are actors: stop, yield and speed limits."""
    plans = []
    for text in signals_in(root, road):
        stands = text.signal
        limit_kmh = limit_of(stands)
        blueprint_id = {STOP: "traffic.stop", YIELD: "traffic.yield"}.get(stands.kind, "")
        if limit_kmh > 0.0:
            blueprint_id = f"traffic.speed_limit.{_shown(limit_kmh)}"
        if not blueprint_id:
            continue
        stops = stops_of(places, text.spots)
        zones = zones_of(places, stops, SIGN_BEFORE_M)
        main = zones[0] if zones else None
        pose = actor_pose(stands.x_m, stands.y_m, stands.ground_m, main, stands.yaw_rad)
        plans.append(
            SignPlan(
                sign_id=text.id, name=stands.name or f"sign_{text.id}", blueprint_id=blueprint_id,
                transform=transform_of(pose), trigger=trigger_of(pose, main), zones=zones, stops=stops,
                limit_kmh=limit_kmh,
            )
        )  # fmt: skip
    return tuple(plans)


def _shown(limit_kmh: float) -> int:
    """The number of the sign's blueprint: the library has one for every 5 km/h."""
    return min(max(LIMIT_STEP_KMH, round(limit_kmh / LIMIT_STEP_KMH) * LIMIT_STEP_KMH), HIGHEST_KMH)


def limit_of(sign: RoadSignal) -> float:
    """The highest speed that a sign allows, in km/h; 0 where it limits none."""
    if sign.kind != SPEED_LIMIT:
        return 0.0
    if sign.value is not None and sign.value > 0.0:
        return sign.value * KMH.get(sign.unit, 1.0)
    return float(sign.subtype) if sign.subtype.isdigit() else 0.0


def posts_of(lamps: tuple[LampPlan, ...]) -> tuple[Fixture, ...]:
    """What of the lights one can drive into: the posts of those that stand."""
    return tuple(
        Fixture(kind="signal", name=lamp.name, x_m=lamp.pose.x_m, y_m=lamp.pose.y_m, z_m=lamp.pose.z_m,
                yaw_rad=lamp.pose.yaw_rad, length_m=2.0 * POST_RADIUS_M, width_m=2.0 * POST_RADIUS_M,
                height_m=float(lamp.meshes[OFF].vertices[:, 2].max()))
        for lamp in lamps if (lamp.meshes[OFF].materials == MATERIAL["pole"]).any()
    )  # fmt: skip


def places_taken(road: Road) -> tuple[Fixture, ...]:
    """Boxes at the lights for drivers: what stands there in the scenery gives way to lights that change."""
    return tuple(
        Fixture(kind="signal", name=each.name, x_m=each.x_m, y_m=each.y_m, z_m=each.ground_m, yaw_rad=each.yaw_rad,
                length_m=0.1, width_m=0.1, height_m=1.0)
        for each in road.signals if each.kind in DRIVERS_LIGHTS and each.z_m - each.ground_m < OVERHEAD_M
    )  # fmt: skip

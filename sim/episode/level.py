"""The things of a map as CARLA's environment objects: what they are, where, and whether they are switched off.

Transforms and boxes carry CARLA's axes and units, boxes in the world. Ids are functions of the map's name
and the thing's, so that they stay the same from load to load.
"""

from hashlib import blake2b
from typing import Final

import numpy as np

from sim import left_handed
from sim.episode.signals import LampPlan
from sim.episode.structs import BoundingBox, EnvironmentObject, Rotation, Transform, Vector3D
from sim.road import DRIVING, SIDEWALK, Road
from sim.scenery.materials import Semantic
from sim.scenery.still import Fixture

ANY: Final = 255
LABEL_OF: Final = {
    "guard_rail": Semantic.GUARD_RAIL, "gantry": Semantic.POLE, "sign": Semantic.TRAFFIC_SIGN,
    "signal": Semantic.TRAFFIC_LIGHT, "pole": Semantic.POLE, "tree": Semantic.VEGETATION,
    "building": Semantic.BUILDING, "wall": Semantic.WALL, "bridge": Semantic.BRIDGE,
    DRIVING: Semantic.ROAD, SIDEWALK: Semantic.SIDEWALK,
}  # fmt: skip


def objects_of(
    map_name: str, fixtures: tuple[Fixture, ...], lamps: tuple[LampPlan, ...], road: Road
) -> tuple[EnvironmentObject, ...]:
    """Everything of a map that has a name: fixtures, heads of lights, and roads lane by lane."""
    made: list[EnvironmentObject] = []
    seen: dict[str, int] = {}

    def add(kind: str, name: str, transform: Transform, box: BoundingBox) -> None:
        again = seen[name] = seen.get(name, -1) + 1
        name = name if not again else f"{name}_{again}"
        made.append(EnvironmentObject(transform, box, _id(map_name, name), name, int(LABEL_OF[kind])))

    for each in fixtures:
        box = _box(each)
        foot = Vector3D(box.location.x, box.location.y, each.z_m)
        add(each.kind, f"{each.kind}_{each.name}", Transform(foot, box.rotation), box)
    for lamp in lamps:
        add("signal", f"signal_{lamp.name}", lamp.transform, lamp.light_boxes[0])
    for lane in road.lanes:
        if lane.kind in (DRIVING, SIDEWALK):
            side_m = 0.5 * lane.widths_m.max()
            low = np.array([*(lane.points[:, 1:3].min(axis=0) - side_m), lane.heights_m.min()])
            high = np.array([*(lane.points[:, 1:3].max(axis=0) + side_m), lane.heights_m.max()])
            middle, half = 0.5 * (low + high), 0.5 * (high - low)
            place = Vector3D(*left_handed.mirrored(*middle.tolist()))
            box = BoundingBox(place, Vector3D(*half.tolist()))
            name = f"road_{lane.road_id}_{lane.section}_{lane.lane_id}"
            add(lane.kind, name, Transform(place, box.rotation), box)
    return tuple(made)


def _box(fixture: Fixture) -> BoundingBox:
    middle = left_handed.mirrored(fixture.x_m, fixture.y_m, fixture.z_m + 0.5 * fixture.height_m)
    extent = Vector3D(0.5 * fixture.length_m, 0.5 * fixture.width_m, 0.5 * fixture.height_m)
    turned = Rotation(*left_handed.angles_to_carla(fixture.yaw_rad, 0.0, 0.0))
    return BoundingBox(Vector3D(*middle), extent, turned)


def _id(map_name: str, name: str) -> int:
    """A number that only this thing of this map has."""
    return int.from_bytes(blake2b(f"{map_name}/{name}".encode(), digest_size=8).digest(), "little")


class Level:
    """A map's objects in one episode: which of them a client switched off is kept, and told to whoever asks."""

    def __init__(self, objects: tuple[EnvironmentObject, ...]) -> None:
        self._objects = objects
        self._known = frozenset(one.id for one in objects)
        self.disabled: set[int] = set()

    def objects(self, label: int = ANY) -> tuple[EnvironmentObject, ...]:
        """All objects with a semantic label (255: any), switched off or not, as CARLA lists them."""
        return tuple(one for one in self._objects if label in (ANY, one.type))

    def boxes(self, label: int = ANY) -> tuple[BoundingBox, ...]:
        """The boxes, in the world, of all that are not switched off."""
        return tuple(one.bounding_box for one in self.objects(label) if one.id not in self.disabled)

    def names(self) -> tuple[str, ...]:
        """The names of all objects."""
        return tuple(one.name for one in self._objects)

    def enable(self, ids: tuple[int, ...], enabled: bool) -> None:
        """Switch objects on or off; ids that are not of this map change nothing."""
        chosen = self._known.intersection(ids)
        self.disabled = self.disabled - chosen if enabled else self.disabled | chosen

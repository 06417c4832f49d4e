# ruff: noqa: ANN001, ANN202
"""Rays through a town and its actors: everything a ray crosses, in order, with CARLA's semantic labels.

At the border places and directions carry CARLA's axes; inside is ISO 8855. The town is met triangle by
triangle on its front faces, actors and the heads of traffic lights as their boxes.
"""

from collections.abc import Sequence
from math import dist, sqrt
from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sim import left_handed
from sim.episode.scene import Scene
from sim.episode.signals import LampPlan
from sim.episode.structs import BoundingBox, LabelledPoint, Refused, Vector3D
from sim.rays.caster import still_tree
from sim.rays.tree import STACK, nearest_in
from sim.scenery.materials import Semantic, material_table
from sim.scenery.still import Still

MOST: Final = 256  # crossings of one ray
LONGEST_M: Final = 1e5
STEP_M: Final = 1e-3  # beyond a crossing the next one is looked for from here on
ALIGNED: Final = 1e-12


class RayQueries:
    """The town and everybody in it at one moment."""

    def __init__(
        self, still: Still, lamps: Sequence[LampPlan], poses: NDArray[np.float64], boxes: Sequence[BoundingBox],
        labels: Sequence[int],
    ) -> None:  # fmt: skip
        """`poses` (n, 6) are actors' origins in ISO axes, `boxes` theirs in CARLA's, relative to the origin."""
        self._tree, self._materials = still_tree(still)
        frames = [_frame(pose, box) for pose, box in zip(poses.tolist(), boxes, strict=True)]
        heads = [(box, int(Semantic.TRAFFIC_LIGHT)) for lamp in lamps for box in lamp.light_boxes]
        frames += [_standing(box) for box, _ in heads]
        self._frames = np.array(frames, dtype=np.float64).reshape(-1, 15)
        self._labels = np.array([*labels, *(label for _, label in heads)], dtype=np.int64)
        self._found_m, self._found = np.empty(MOST), np.empty(MOST, np.int64)

    def cast(self, start: Vector3D, end: Vector3D) -> tuple[LabelledPoint, ...]:
        """Everything between two places, from the first to the second."""
        a, b = np.array(left_handed.mirrored(*start)), np.array(left_handed.mirrored(*end))
        length_m = dist(a, b)
        if not length_m <= LONGEST_M:
            raise Refused(f"a ray may be at most {LONGEST_M:g} m long, not {length_m:g}")
        return () if length_m == 0.0 else self._crossed(a, (b - a) / length_m, length_m, MOST)

    def project(self, location: Vector3D, direction: Vector3D, distance_m: float) -> tuple[bool, LabelledPoint]:
        """The first thing in a direction no farther than a distance; nothing is at the place itself."""
        length = sqrt(sum(part * part for part in direction))
        if length > 0.0 and distance_m > 0.0:
            way = np.array(left_handed.mirrored(*direction)) / length
            found = self._crossed(np.array(left_handed.mirrored(*location)), way, distance_m, 1)
            if found:
                return True, found[0]
        return False, LabelledPoint(location, int(Semantic.UNLABELED))

    def _crossed(
        self, start: NDArray[np.float64], way: NDArray[np.float64], length_m: float, most: int
    ) -> tuple[LabelledPoint, ...]:
        tree, semantic = self._tree, material_table().semantic
        count = _surfaces(tree.boxes, tree.links, tree.corners, start, way, length_m, most, self._found_m, self._found)
        crossings = [(float(self._found_m[k]), int(semantic[self._materials[self._found[k]]])) for k in range(count)]
        if len(self._frames):
            entries_m = _entered_m(self._frames, start, way)
            for row in np.flatnonzero(entries_m <= length_m).tolist():
                crossings.append((float(entries_m[row]), int(self._labels[row])))
        crossings.sort(key=lambda crossing: crossing[0])
        return tuple(_point(start + t_m * way, label) for t_m, label in crossings[:most])


def rays_of(scene: Scene) -> RayQueries:
    """Rays through a moment of an episode."""
    seen = [(row, thing) for row, thing in enumerate(scene.things) if thing.struct is not None]
    boxes = [thing.struct.bounding_box for _, thing in seen if thing.struct is not None]
    labels = [thing.blueprint.semantic for _, thing in seen]
    return RayQueries(scene.town.still, scene.town.lamps, scene.poses[[row for row, _ in seen]], boxes, labels)


def _point(place: NDArray[np.float64], label: int) -> LabelledPoint:
    return LabelledPoint(Vector3D(*left_handed.mirrored(*place.tolist())), label)


def _frame(pose: list[float], box: BoundingBox) -> list[float]:
    """Middle, turning (row by row) and half sizes of a box in the world."""
    turned = left_handed.rotation(*pose[3:])
    middle = np.array(pose[:3]) + turned @ np.array(left_handed.mirrored(*box.location))
    own = left_handed.rotation(*left_handed.angles_from_carla(*box.rotation))
    return [*middle.tolist(), *(turned @ own).reshape(-1).tolist(), *box.extent]


def _standing(box: BoundingBox) -> list[float]:
    """The same for a box that stands in the world."""
    return _frame([0.0] * 6, box)


def _entered_m(
    frames: NDArray[np.float64], start: NDArray[np.float64], way: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(n,) where a ray enters each box; infinite where it does not, or starts inside."""
    turned = frames[:, 3:12].reshape(-1, 3, 3)
    origin = np.einsum("nji,nj->ni", turned, start - frames[:, :3])
    along = np.einsum("nji,j->ni", turned, way)
    along = np.where(np.abs(along) < ALIGNED, ALIGNED, along)
    first, second = (-frames[:, 12:] - origin) / along, (frames[:, 12:] - origin) / along
    enters, leaves = np.minimum(first, second).max(axis=1), np.maximum(first, second).min(axis=1)
    return np.where((enters <= leaves) & (enters >= 0.0), enters, np.inf)


@njit(cache=True, error_model="numpy")
def _surfaces(boxes, links, corners, start, way, length_m, most, found_m, found):  # type: ignore[no-untyped-def]
    """Distances and leaf-order rows of the front faces a ray meets, in order; returns how many."""
    stack, nears = np.empty(STACK, np.int64), np.empty(STACK)
    count, gone_m = 0, 0.0
    while count < most and gone_m < length_m:
        x, y, z = start[0] + gone_m * way[0], start[1] + gone_m * way[1], start[2] + gone_m * way[2]
        t_m, k = nearest_in(boxes, links, corners, 0, stack, nears, x, y, z, way[0], way[1], way[2], length_m - gone_m)
        if k < 0:
            break
        found_m[count], found[count] = gone_m + t_m, k
        count += 1
        gone_m += t_m + STEP_M
    return count

"""What has been put beside a road so far: things with their meshes, kept apart from lanes and each other.

World frame, metres, radians. A thing's fixture is the box about its mesh above the ground (of a tree:
about its trunk: foliage mostly scatters and absorbs at 77 GHz; recalled, confirm).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from sim.randomness import stream_key, uniform
from sim.road_map import Road
from sim.scenery.clearance import Clearance, Footprint
from sim.scenery.materials import MATERIAL
from sim.scenery.mesh import Mesh, placed
from sim.scenery.still import Fixture, Piece

T = TypeVar("T")
Level = Callable[[float, float, float], float]  # x, y, height nearby: the ground's height there


@dataclass(frozen=True, slots=True, kw_only=True)
class Pose:
    """Where a thing stands and which way its +x looks."""

    x_m: float
    y_m: float
    z_m: float
    yaw_rad: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Thing:
    """One thing that stands: its ground, what is drawn of it, and what a radar knows of it.

    `mapped`: the map itself names it, so that nothing but its own like takes its place.
    """

    footprint: Footprint
    piece: Piece
    fixtures: tuple[Fixture, ...]
    mapped: bool


class Draws:
    """Chance of a map: values depend on its name, a stream's name and a thing's number, on nothing else."""

    def __init__(self, map_name: str) -> None:
        self._map_name = map_name
        self._keys: dict[str, np.uint64] = {}

    def between(self, stream: str, entity: int, slot: int, low: float, high: float) -> float:
        """A number between two."""
        key = self._keys.get(stream)
        if key is None:
            key = self._keys[stream] = stream_key(0, f"scenery/{self._map_name}/{stream}")
        return low + (high - low) * float(uniform(key, entity, slot, 0))

    def pick(self, stream: str, entity: int, slot: int, options: Sequence[T]) -> T:
        """One of several."""
        return options[min(len(options) - 1, int(self.between(stream, entity, slot, 0.0, len(options))))]


class Site:
    """Things on a map in the making."""

    def __init__(self, road: Road, clearance: Clearance, level: Level) -> None:
        self.road = road
        self.clearance = clearance
        self.draws = Draws(road.name)
        self.level = level
        self.things: list[Thing] = []
        self._counts: dict[str, int] = {}

    def number(self, stream: str) -> int:
        """The next number of a stream, for chance and names."""
        count = self._counts.get(stream, 0)
        self._counts[stream] = count + 1
        return count

    def add(
        self,
        mesh: Mesh,
        pose: Pose,
        footprint: Footprint,
        reach_m: float,
        kind: str,
        name: str,
        *,
        mapped: bool = False,
    ) -> None:
        """Put a mesh in its place, whatever stands there. `kind` "" is nothing a radar knows."""
        self.clearance.take(footprint)
        piece = Piece(mesh=placed(mesh, pose.x_m, pose.y_m, pose.z_m, pose.yaw_rad), reach_m=reach_m)
        fixtures = (fixture_about(mesh, pose, kind, name),) if kind else ()
        self.things.append(Thing(footprint=footprint, piece=piece, fixtures=fixtures, mapped=mapped))


def extent_of(mesh: Mesh) -> tuple[float, float, float, float]:
    """Low x, low y, high x, high y of a mesh in its own frame."""
    low, high = mesh.vertices[:, :2].min(axis=0), mesh.vertices[:, :2].max(axis=0)
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def footprint_of(mesh: Mesh, pose: Pose) -> Footprint:
    """The rectangle below a mesh where it is placed."""
    x0, y0, x1, y1 = extent_of(mesh)
    u, v = 0.5 * (x0 + x1), 0.5 * (y0 + y1)
    c, s = float(np.cos(pose.yaw_rad)), float(np.sin(pose.yaw_rad))
    return Footprint(x_m=pose.x_m + c * u - s * v, y_m=pose.y_m + s * u + c * v, yaw_rad=pose.yaw_rad,
                     length_m=x1 - x0, width_m=y1 - y0)  # fmt: skip


def fixture_about(mesh: Mesh, pose: Pose, kind: str, name: str) -> Fixture:
    """The box about a mesh above the ground, in its place; of a tree about its trunk."""
    corners = mesh.vertices
    if kind == "tree":
        corners = corners[np.unique(mesh.triangles[mesh.materials == MATERIAL["bark"]])]
    low, high = corners.min(axis=0).tolist(), corners.max(axis=0).tolist()
    u, v = 0.5 * (low[0] + high[0]), 0.5 * (low[1] + high[1])
    c, s = float(np.cos(pose.yaw_rad)), float(np.sin(pose.yaw_rad))
    base_m = max(0.0, low[2])
    return Fixture(
        kind=kind, name=name, x_m=pose.x_m + c * u - s * v, y_m=pose.y_m + s * u + c * v, z_m=pose.z_m + base_m,
        yaw_rad=pose.yaw_rad, length_m=high[0] - low[0], width_m=high[1] - low[1], height_m=high[2] - base_m,
    )  # fmt: skip

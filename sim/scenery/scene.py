"""The scenery of one run, and that scenery at one moment: every body posed in the world frame.

A moment is made of a `TruthFrame` alone, so the same truth gives the same triangles. Walkers swing
their legs by the distance they have walked; lamps follow the light and what the truth says the actor
does. Row numbers are the roster's; row 0 is the ego. `Ensemble` is the same without a truth: whoever
knows the poses of its bodies poses them.
"""

from dataclasses import dataclass
from math import pi
from typing import Any, NamedTuple

import numpy as np
from numba import njit

from sim.scenery.ground import GroundTable
from sim.scenery.materials import Lamp
from sim.scenery.mesh import PARTS, Body, Part
from sim.scenery.still import Still
from sim.truth import (
    ACCELERATION,
    BRAKE,
    LATERAL_SPEED,
    PATH_OFFSET,
    PATH_S,
    SPEED,
    VEHICLE_KINDS,
    VRU_KINDS,
    YAW,
    YAW_RATE,
    ActorKind,
    Roster,
    TruthFrame,
    X,
    Y,
)
from stack.vocabulary import SimNs

LIT_BELOW_LX = 1_000.0  # daylight below which headlamps are on: UN R48 6.2.7.6 (automatic switching: on below 1,000 lx)
BRAKE_LAMP_MPS2 = 0.3  # own: the service brake's lamps light as soon as it acts (UN R13 5.2.1.30)
INDICATING_MPS = 0.25  # own: moving sideways faster than this is a change of lane
BLINK_NS = 666_666_667  # 90 flashes a minute: UN R6 and R48 6.5.9 (60 to 120)
STRIDE_M = {ActorKind.ADULT: 1.45, ActorKind.CHILD: 1.1}  # two steps; Öberg et al. 1993, normal gait, by size
SWING_RAD = 0.45  # thigh from the vertical at normal gait; Winter, Biomechanics of human movement (recalled)
PEDAL_M = 5.2  # a cyclist's way per turn of the crank: 2.6 m wheel, gear 2 (own)


class Moment(NamedTuple):
    """All actors' triangles in the world frame at one instant, as arrays for kernels.

    Triangles of row i are `first[i]:first[i + 1]`, its vertices `vertex_first[i]:vertex_first[i + 1]`.
    """

    vertices: Any  # (v, 3) float32, m
    normals: Any  # (v, 3) float32
    triangles: Any  # (t, 3) int32
    materials: Any  # (t,) int32
    instances: Any  # (t,) int32: the row
    first: Any  # (n + 1,) int32
    vertex_first: Any  # (n + 1,) int32
    spheres: Any  # (n, 4) float64: centre and radius of each row's vertices
    poses: Any  # (n, 3, 4) float64: world from body
    motions: Any  # (n, 6) float64: velocity of the body's origin and its angular velocity, world axes
    lamps: Any  # (n,) int32: bit mask of lit lamps
    colours: Any  # (n, 3) float32
    semantics: Any  # (n,) uint8


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Shelf:
    """All bodies end to end, in their own frames."""

    vertices: Any
    normals: Any
    parts: Any
    joints: Any  # (n, PARTS, 3)
    triangles: Any
    materials: Any
    instances: Any
    first: Any
    vertex_first: Any
    colours: Any
    semantics: Any


class Ensemble:
    """What stands still and bodies that stand anywhere: whoever knows their poses has a moment made."""

    def __init__(self, *, still: Still, bodies: tuple[Body, ...]) -> None:
        self.still = still
        self.bodies = bodies
        self._shelf = _shelved(bodies)

    def posed(self, poses: Any, motions: Any, swings: Any, lamps: Any) -> Moment:
        """Every body where it is put; the arrays are read-only from then on and belong to this moment.

        `poses` (n, 3, 4) float64 world from body, `motions` (n, 6) float64 as in `Moment`, `swings`
        (n, PARTS) angles about the left axis (`swings_of`), `lamps` (n,) int32 bit masks.
        """
        shelf = self._shelf
        vertices, normals = np.empty_like(shelf.vertices), np.empty_like(shelf.normals)
        spheres = np.empty((len(poses), 4))
        _pose(shelf.vertices, shelf.normals, shelf.parts, shelf.joints, shelf.vertex_first, poses, swings,
              vertices, normals, spheres)  # fmt: skip
        for array in (vertices, normals, spheres, poses, motions, lamps):
            array.setflags(write=False)
        return Moment(
            vertices=vertices, normals=normals, triangles=shelf.triangles, materials=shelf.materials,
            instances=shelf.instances, first=shelf.first, vertex_first=shelf.vertex_first, spheres=spheres,
            poses=poses, motions=motions, lamps=lamps, colours=shelf.colours, semantics=shelf.semantics,
        )  # fmt: skip


class Scenery(Ensemble):
    """One run's geometry. `moment` remembers the last frame it posed, so several sensors share it."""

    def __init__(self, *, roster: Roster, still: Still, bodies: tuple[Body, ...], ground: GroundTable) -> None:
        super().__init__(still=still, bodies=bodies)
        self.roster = roster
        self.ground = ground
        self._vehicle = np.array([kind in VEHICLE_KINDS for kind in roster.kinds])
        self._stride_m = np.array([stride_m(kind) for kind in roster.kinds])
        self._pedals = np.array([kind is ActorKind.CYCLIST for kind in roster.kinds])
        self._last: tuple[SimNs, int, Moment] | None = None

    def moment(self, frame: TruthFrame) -> Moment:
        """Every body where this truth puts it. The arrays are read-only and belong to this moment."""
        if self._last is not None and self._last[0] == frame.at and self._last[1] == id(frame.state):
            return self._last[2]
        moment = self._posed(frame)
        self._last = (frame.at, id(frame.state), moment)
        self._held = frame.state  # keeps the id from being used again
        return moment

    def poses(self, frame: TruthFrame) -> tuple[Any, Any]:
        """Only `poses` (n, 3, 4) and `motions` (n, 6) of the moment: for those who cast few rays at whole bodies."""
        rows = frame.state.shape[0]
        poses, motions = np.empty((rows, 3, 4)), np.empty((rows, 6))
        _place(frame.state, self.ground.first, self.ground.stations_m, self.ground.heights_m, poses, motions)
        return poses, motions

    def _posed(self, frame: TruthFrame) -> Moment:
        poses, motions = self.poses(frame)
        state = frame.state
        swings = swings_of(self._stride_m, self._pedals, state[:, PATH_S], state[:, SPEED])
        return self.posed(poses, motions, swings, self._lamps(frame))

    def _lamps(self, frame: TruthFrame) -> Any:
        """(n,) bit masks of what glows."""
        state = frame.state
        lamps = np.zeros(len(state), dtype=np.int32)
        night = frame.conditions.illuminance_lx < LIT_BELOW_LX or frame.conditions.visibility_m < 200.0
        if night:
            lamps[self._vehicle] |= (1 << Lamp.HEAD) | (1 << Lamp.TAIL)
        slowing = (state[:, BRAKE] > BRAKE_LAMP_MPS2) | (state[:, ACCELERATION] < -1.0)  # UN R13H 5.2.22: from 1.3 m/s²
        lamps[self._vehicle & slowing] |= 1 << Lamp.BRAKE
        if frame.at % BLINK_NS < BLINK_NS // 2:
            sideways = np.where(np.abs(state[:, PATH_OFFSET]) > 0.2, state[:, LATERAL_SPEED], 0.0)
            lamps[self._vehicle & (sideways > INDICATING_MPS)] |= 1 << Lamp.LEFT_INDICATOR
            lamps[self._vehicle & (sideways < -INDICATING_MPS)] |= 1 << Lamp.RIGHT_INDICATOR
        return lamps


def stride_m(kind: ActorKind) -> float:
    """The way after which a walker's or cyclist's limbs are where they were; 0 for those without limbs."""
    if kind not in VRU_KINDS:
        return 0.0
    return STRIDE_M.get(kind, PEDAL_M)


def swings_of(strides_m: Any, pedals: Any, ways_m: Any, speeds_mps: Any) -> Any:
    """(n, PARTS) angles about the left axis, from the way walked or ridden; arguments are (n,)."""
    swings = np.zeros((len(ways_m), PARTS))
    for row in np.flatnonzero(strides_m > 0.0).tolist():
        phase = 2.0 * pi * float(ways_m[row]) / float(strides_m[row])
        share = min(1.0, float(abs(speeds_mps[row])) / 1.0) if not pedals[row] else 1.0
        swing = SWING_RAD * share * float(np.sin(phase))
        bend = 0.9 * SWING_RAD * share
        left, right = max(0.0, float(np.cos(phase))), max(0.0, -float(np.cos(phase)))
        swings[row, Part.LEFT_THIGH], swings[row, Part.RIGHT_THIGH] = -swing, swing
        swings[row, Part.LEFT_SHIN], swings[row, Part.RIGHT_SHIN] = bend * left, bend * right
        if not pedals[row]:
            swings[row, Part.LEFT_ARM], swings[row, Part.RIGHT_ARM] = 0.7 * swing, -0.7 * swing
    return swings


def _shelved(bodies: tuple[Body, ...]) -> _Shelf:
    meshes = [body.mesh for body in bodies]
    if not meshes:
        return _empty_shelf()
    vertex_first = np.cumsum([0, *(len(mesh.vertices) for mesh in meshes)]).astype(np.int32)
    first = np.cumsum([0, *(len(mesh.triangles) for mesh in meshes)]).astype(np.int32)
    arrays = {
        "vertices": np.concatenate([mesh.vertices for mesh in meshes]),
        "normals": np.concatenate([mesh.normals for mesh in meshes]),
        "parts": np.concatenate([mesh.parts for mesh in meshes]),
        "joints": np.stack([mesh.joints for mesh in meshes]),
        "triangles": np.concatenate(
            [mesh.triangles + start for mesh, start in zip(meshes, vertex_first[:-1].tolist(), strict=True)]
        ).astype(np.int32),
        "materials": np.concatenate([mesh.materials for mesh in meshes]),
        "instances": np.repeat(np.arange(len(meshes), dtype=np.int32), np.diff(first)),
        "first": first,
        "vertex_first": vertex_first,
        "colours": np.array([body.colour for body in bodies], dtype=np.float32),
        "semantics": np.array([body.semantic for body in bodies], dtype=np.uint8),
    }
    for array in arrays.values():
        array.setflags(write=False)
    return _Shelf(**arrays)


def _empty_shelf() -> _Shelf:
    """Nobody."""
    points, words = np.zeros((0, 3), dtype=np.float32), np.zeros(0, dtype=np.int32)
    nobody: dict[str, Any] = {
        "vertices": points, "normals": points, "parts": words, "joints": np.zeros((0, PARTS, 3), dtype=np.float32),
        "triangles": np.zeros((0, 3), dtype=np.int32), "materials": words, "instances": words,
        "first": np.zeros(1, dtype=np.int32), "vertex_first": np.zeros(1, dtype=np.int32), "colours": points,
        "semantics": np.zeros(0, dtype=np.uint8),
    }  # fmt: skip
    for array in nobody.values():
        array.setflags(write=False)
    return _Shelf(**nobody)


@njit(cache=True, error_model="numpy")
def _place(state, first, stations_m, heights_m, poses, motions):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Poses (world from body, standing on the ground) and motions of every row."""
    for row in range(state.shape[0]):
        yaw, s = state[row, YAW], state[row, PATH_S]
        begin, end = first[row], first[row + 1]
        height, slope = 0.0, 0.0
        if end - begin == 1:
            height = heights_m[begin]
        elif end > begin:
            low, high = begin, end - 1
            while high - low > 1:
                middle = (low + high) // 2
                if stations_m[middle] <= s:
                    low = middle
                else:
                    high = middle
            slope = (heights_m[low + 1] - heights_m[low]) / (stations_m[low + 1] - stations_m[low])
            at = min(max(s, stations_m[begin]), stations_m[end - 1])
            height = heights_m[low] + (at - stations_m[low]) * slope
        c, s_ = np.cos(yaw), np.sin(yaw)
        steep = 1.0 / np.sqrt(1.0 + slope * slope)
        rise = slope * steep
        pose = poses[row]
        pose[0, 0], pose[1, 0], pose[2, 0] = c * steep, s_ * steep, rise
        pose[0, 1], pose[1, 1], pose[2, 1] = -s_, c, 0.0
        pose[0, 2], pose[1, 2], pose[2, 2] = -c * rise, -s_ * rise, steep
        pose[0, 3], pose[1, 3], pose[2, 3] = state[row, X], state[row, Y], height
        v, w = state[row, SPEED], state[row, LATERAL_SPEED]
        motions[row, 0], motions[row, 1], motions[row, 2] = v * c - w * s_, v * s_ + w * c, v * slope
        motions[row, 3], motions[row, 4], motions[row, 5] = 0.0, 0.0, state[row, YAW_RATE]


@njit(cache=True, error_model="numpy")
def _pose(shape, shape_normals, parts, joints, vertex_first, poses, swings, vertices, normals, spheres):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202, E501
    """Fill world vertices and normals of every row, and the sphere about them."""
    for row in range(poses.shape[0]):
        pose = poses[row]
        lx = ly = lz = np.inf
        hx = hy = hz = -np.inf
        for v in range(vertex_first[row], vertex_first[row + 1]):
            x, y, z = np.float64(shape[v, 0]), np.float64(shape[v, 1]), np.float64(shape[v, 2])
            nx, ny, nz = (
                np.float64(shape_normals[v, 0]),
                np.float64(shape_normals[v, 1]),
                np.float64(shape_normals[v, 2]),
            )
            part = parts[v]
            if part != 0:
                for level in range(2):
                    if level == 0 and not (part == 3 or part == 4):
                        continue
                    about = part if level == 0 or part == 5 or part == 6 else (part - 2 if part > 2 else part)
                    angle = swings[row, about]
                    if angle != 0.0:
                        jx, jz = joints[row, about, 0], joints[row, about, 2]
                        c, s = np.cos(angle), np.sin(angle)
                        dx, dz = x - jx, z - jz
                        x, z = jx + c * dx + s * dz, jz - s * dx + c * dz
                        nx, nz = c * nx + s * nz, c * nz - s * nx
            wx = pose[0, 0] * x + pose[0, 1] * y + pose[0, 2] * z + pose[0, 3]
            wy = pose[1, 0] * x + pose[1, 1] * y + pose[1, 2] * z + pose[1, 3]
            wz = pose[2, 0] * x + pose[2, 1] * y + pose[2, 2] * z + pose[2, 3]
            vertices[v, 0], vertices[v, 1], vertices[v, 2] = wx, wy, wz
            normals[v, 0] = pose[0, 0] * nx + pose[0, 1] * ny + pose[0, 2] * nz
            normals[v, 1] = pose[1, 0] * nx + pose[1, 1] * ny + pose[1, 2] * nz
            normals[v, 2] = pose[2, 0] * nx + pose[2, 1] * ny + pose[2, 2] * nz
            lx, ly, lz = min(lx, wx), min(ly, wy), min(lz, wz)
            hx, hy, hz = max(hx, wx), max(hy, wy), max(hz, wz)
        spheres[row, 0], spheres[row, 1], spheres[row, 2] = 0.5 * (lx + hx), 0.5 * (ly + hy), 0.5 * (lz + hz)
        spheres[row, 3] = 0.5 * np.sqrt((hx - lx) ** 2 + (hy - ly) ** 2 + (hz - lz) ** 2)

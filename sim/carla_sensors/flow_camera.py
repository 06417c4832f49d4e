"""CARLA's optical flow camera: how far the point under each pixel moved in the picture since the last frame.

Two float32 a pixel, x to the right and y upwards, in halves of the picture's width and height: from -2 to 2,
so that x times half the width is pixels (as users of CARLA found, its issue 4795). The motion is that of
the camera and of the body the point belongs to, between this model's last two frames; the first frame has
none, nor does what came anew. The sky turns with the camera alone.
"""
# ruff: noqa: ANN001, ANN202 - numba kernels carry no annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit

from sim.carla_sensors.image import frame_of
from sim.carla_sensors.settings import Settings
from sim.carla_sensors.stage import Stage, stage_of
from sim.episode.scene import Mounted, Scene
from sim.left_handed import rotation


class _Past(NamedTuple):
    """The frame before: where the camera was, and every actor by its id."""

    place: Any
    turn: Any
    poses: dict[int, Any]


class FlowCamera:
    """One optical flow camera."""

    type_index = 8

    def __init__(self, settings: Settings) -> None:
        self._frame = frame_of(settings)
        self._past: _Past | None = None

    def sense(self, scene: Scene, mounted: Mounted) -> tuple[bytes, ...]:
        """One picture of motion."""
        stage, lens = stage_of(scene), self._frame.lens
        seen = stage.outlines(lens, mounted)
        place, turn = np.array(mounted.pose[:3]), rotation(*mounted.pose[3:])
        poses = stage.placed[0]
        before = self._past if self._past is not None else _Past(place, turn, {})
        steps = _steps(stage, poses, before.poses)
        optics = np.array([lens.focal_x_px, lens.focal_y_px, lens.centre_x_px, lens.centre_y_px])
        flow = np.empty((lens.height_px, lens.width_px, 2), dtype=np.float32)
        _flow(seen.depth_m, seen.row, optics, place, turn, before.place, before.turn, steps, flow)
        ids = stage.company.ids[: len(scene.things)].tolist()
        self._past = _Past(place, turn, {actor: poses[row] for row, actor in enumerate(ids)})
        return (self._frame.body(flow),)


def _steps(stage: Stage, poses: Any, past: dict[int, Any]) -> Any:
    """(n + 1, 3, 4): where a world point of each row was a frame ago; the last is what stands still."""
    steps = np.zeros((len(poses) + 1, 3, 4))
    steps[:, :, :3] = np.eye(3)
    for row, actor in enumerate(stage.company.ids.tolist()):
        old = past.get(actor) if actor else None
        if old is not None:
            back = old[:, :3] @ poses[row][:, :3].T
            steps[row, :, :3], steps[row, :, 3] = back, old[:, 3] - back @ poses[row][:, 3]
    return steps


@njit(cache=True, error_model="numpy")
def _flow(depth_m, row, optics, place, turn, old_place, old_turn, steps, flow):  # type: ignore[no-untyped-def]
    height, width = depth_m.shape
    for v in range(height):
        up = (optics[3] - (v + 0.5)) / optics[1]
        for u in range(width):
            left = (optics[2] - (u + 0.5)) / optics[0]
            wx = turn[0, 0] + turn[0, 1] * left + turn[0, 2] * up
            wy = turn[1, 0] + turn[1, 1] * left + turn[1, 2] * up
            wz = turn[2, 0] + turn[2, 1] * left + turn[2, 2] * up
            if depth_m[v, u] < np.inf:
                d = np.float64(depth_m[v, u])
                px, py, pz = place[0] + d * wx, place[1] + d * wy, place[2] + d * wz
                s = steps[row[v, u]]  # row -1 is the last: at rest
                wx = s[0, 0] * px + s[0, 1] * py + s[0, 2] * pz + s[0, 3] - old_place[0]
                wy = s[1, 0] * px + s[1, 1] * py + s[1, 2] * pz + s[1, 3] - old_place[1]
                wz = s[2, 0] * px + s[2, 1] * py + s[2, 2] * pz + s[2, 3] - old_place[2]
            x = old_turn[0, 0] * wx + old_turn[1, 0] * wy + old_turn[2, 0] * wz
            y = old_turn[0, 1] * wx + old_turn[1, 1] * wy + old_turn[2, 1] * wz
            z = old_turn[0, 2] * wx + old_turn[1, 2] * wy + old_turn[2, 2] * wz
            right_px, up_px = np.float64(0.0), np.float64(0.0)
            if x > 1e-6:
                right_px, up_px = optics[0] * (y / x - left), optics[1] * (up - z / x)
            flow[v, u, 0] = min(max(2.0 * right_px / width, -2.0), 2.0)
            flow[v, u, 1] = min(max(2.0 * up_px / height, -2.0), 2.0)

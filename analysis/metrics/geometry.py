"""Free distance between two oriented boxes, from truth alone (m, world frame).

The judge's own geometry: written apart from the world's contact code and from the stack, so that a
mistake in one of them cannot hide itself. A pose array is (n, 3): x, y, yaw of the outline's centre.
"""

import numpy as np

from analysis.metrics.measured import Flags, Floats

_CORNERS = np.array([(1.0, 1.0), (-1.0, 1.0), (-1.0, -1.0), (1.0, -1.0)])


def outline_corners_m(pose: Floats, length_m: float, width_m: float) -> Floats:
    """Corners of a box at each pose, shape (n, 4, 2), front left first, counter-clockwise."""
    local = 0.5 * _CORNERS * (length_m, width_m)
    c, s = np.cos(pose[:, 2]), np.sin(pose[:, 2])
    x = pose[:, :1] + c[:, None] * local[:, 0] - s[:, None] * local[:, 1]
    y = pose[:, 1:2] + s[:, None] * local[:, 0] + c[:, None] * local[:, 1]
    return np.stack((x, y), axis=2)


def points_in_frame_m(frame: Floats, points: Floats) -> Floats:
    """World points (n, k, 2) in the frames (n, 3), row by row."""
    delta = points - frame[:, None, :2]
    c, s = np.cos(frame[:, 2])[:, None], np.sin(frame[:, 2])[:, None]
    return np.stack((c * delta[..., 0] + s * delta[..., 1], c * delta[..., 1] - s * delta[..., 0]), axis=2)


def _corner_distance(local: Floats, half: tuple[float, float]) -> Floats:
    """Smallest distance of four points to a centred, axis-parallel box, shape (n,)."""
    outside = np.maximum(np.abs(local) - half, 0.0)
    return _least(np.hypot(outside[..., 0], outside[..., 1]))


def _overlaps(local: Floats, half: tuple[float, float]) -> Flags:
    """Whether the shadows of four points and of a centred box meet on both axes of the box."""
    met = (_least(local) <= half) & (_most(local) >= np.negative(half))
    return np.asarray(met[:, 0] & met[:, 1])


def _least(corners: Floats) -> Floats:
    """Smallest over the four corners, the second axis; written out, since reducing short axes is slow."""
    return np.minimum(np.minimum(corners[:, 0], corners[:, 1]), np.minimum(corners[:, 2], corners[:, 3]))


def _most(corners: Floats) -> Floats:
    """Largest over the four corners."""
    return np.maximum(np.maximum(corners[:, 0], corners[:, 1]), np.maximum(corners[:, 2], corners[:, 3]))


def outline_gap_m(
    first: Floats, first_size_m: tuple[float, float], second: Floats, second_size_m: tuple[float, float]
) -> Floats:
    """Free distance between two boxes at each instant, shape (n,); 0 when they touch or overlap.

    Disjoint convex outlines are nearest at a corner of one of them; overlap is told by the
    separating-axis theorem (Gottschalk, Lin, Manocha: OBBTree, SIGGRAPH 1996).
    """
    half_first = (0.5 * first_size_m[0], 0.5 * first_size_m[1])
    half_second = (0.5 * second_size_m[0], 0.5 * second_size_m[1])
    second_local = points_in_frame_m(first, outline_corners_m(second, *second_size_m))
    first_local = points_in_frame_m(second, outline_corners_m(first, *first_size_m))
    gap = np.minimum(_corner_distance(second_local, half_first), _corner_distance(first_local, half_second))
    touching = _overlaps(second_local, half_first) & _overlaps(first_local, half_second)
    return np.asarray(np.where(touching, 0.0, gap), np.float64)


def gap_ahead_m(
    ego: Floats, ego_size_m: tuple[float, float], other: Floats, other_size_m: tuple[float, float]
) -> tuple[Floats, Flags, Flags]:
    """Distance from the ego's front edge to the other's nearest part, along the ego's axis.

    Returns the gap (n,), not below 0; whether any part of the other is ahead of the front edge; and
    whether, besides, its lateral extent overlaps the ego's width, so that it stands in the path.
    """
    local = points_in_frame_m(ego, outline_corners_m(other, *other_size_m))
    forward = local[..., 0] - 0.5 * ego_size_m[0]
    ahead = _most(forward) > 0.0
    half_width_m = 0.5 * ego_size_m[1]
    beside = (_least(local[..., 1]) >= half_width_m) | (_most(local[..., 1]) <= -half_width_m)
    return np.maximum(_least(forward), 0.0), ahead, ahead & ~beside


def velocity_along_mps(yaw_rad: Floats, other_yaw_rad: Floats, forward_mps: Floats, left_mps: Floats) -> Floats:
    """The part of another body's velocity (its own frame) that points along a heading."""
    turn = other_yaw_rad - yaw_rad
    return np.asarray(forward_mps * np.cos(turn) - left_mps * np.sin(turn), np.float64)

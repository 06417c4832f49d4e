"""Two estimates of one thing become one.

A radar-only estimate may double another (a wide rear face split into two clusters), and a thing
first seen by each sensor alone, outside the other's gate, has two until they agree.
"""

from collections.abc import Iterator

from stack.tracking.estimates import NEVER, Estimate, last_seen_at
from stack.tracking.thresholds import Thresholds

_ASIDE_M = 4.0  # further apart across the road two estimates are never compared
_AGREES = 7.8  # chi-square with 3 degrees of freedom at 95 %


def _one_of(seen: Estimate, echoed: Estimate) -> Estimate:
    """Camera's identity and radar's kinematics in one; the id and birth of the older."""
    older = seen if seen.track_id < echoed.track_id else echoed
    return Estimate(
        older.track_id,
        echoed.belief,
        seen.width_m,
        seen.votes,
        seen.object_class,
        older.first_seen_at,
        seen.camera_at,
        echoed.radar_at,
        seen.camera_bits,
        echoed.radar_bits,
        seen.supports + echoed.supports,
        max(seen.quality, echoed.quality),
    )


def _agree(seen: Estimate, echoed: Estimate) -> bool:
    """Whether position and speed along the road are statistically the same, across within the width."""
    a, b = seen.belief, echoed.belief
    dx, dy, du = a[0] - b[0], a[1] - b[1], a[2] - b[2]
    across_m2 = a[8] + b[8] + (0.25 * seen.width_m) ** 2
    return dx * dx / (a[4] + b[4]) + dy * dy / across_m2 + du * du / (a[11] + b[11]) <= _AGREES


def _double(a: Estimate, b: Estimate, limits: Thresholds) -> bool:
    """Whether two estimates are too close in place and speed to be two things for a radar."""
    p, q = a.belief, b.belief
    near_m, same_mps = limits.duplicate_m, limits.duplicate_mps
    return (
        abs(p[0] - q[0]) <= near_m
        and abs(p[1] - q[1]) <= near_m
        and abs(p[2] - q[2]) <= same_mps
        and abs(p[3] - q[3]) <= same_mps
    )


def _merged_pair(a: Estimate, b: Estimate, limits: Thresholds) -> Estimate | None:
    """The one estimate that two are, or None if they stay two."""
    a_seen, b_seen = a.camera_at != NEVER, b.camera_at != NEVER
    if a_seen and b_seen:
        return None
    if a_seen and a.radar_at == NEVER:
        return _one_of(a, b) if _agree(a, b) else None
    if b_seen and b.radar_at == NEVER:
        return _one_of(b, a) if _agree(b, a) else None
    if not _double(a, b, limits):
        return None
    if a_seen or b_seen:
        return a if a_seen else b
    return a if (a.supports, last_seen_at(a), -a.track_id) >= (b.supports, last_seen_at(b), -b.track_id) else b


def _candidates(estimates: list[Estimate], limits: Thresholds) -> Iterator[tuple[int, int]]:
    """Pairs worth a look, lower index first: near neighbours along x, and camera-only with radar-only."""
    near_m = limits.duplicate_m
    ordered = sorted([(each.belief[0], i) for i, each in enumerate(estimates)])
    last = len(ordered) - 1
    for rank, (x_m, i) in enumerate(ordered):
        if rank < last and ordered[rank + 1][0] - x_m <= near_m:
            for other_x_m, j in ordered[rank + 1 :]:
                if other_x_m - x_m > near_m:
                    break
                yield (i, j) if i < j else (j, i)
    for i, seen in enumerate(estimates):
        if seen.radar_at != NEVER:
            continue
        for j, echoed in enumerate(estimates):
            if echoed.camera_at == NEVER and -_ASIDE_M < seen.belief[1] - echoed.belief[1] < _ASIDE_M:
                yield (i, j) if i < j else (j, i)


def _first_merge(estimates: list[Estimate], limits: Thresholds) -> tuple[int, int, Estimate] | None:
    """The first two estimates that are one, and that one."""
    for i, j in _candidates(estimates, limits):
        one = _merged_pair(estimates[i], estimates[j], limits)
        if one is not None:
            return i, j, one
    return None


def without_doubles(estimates: list[Estimate], limits: Thresholds) -> list[Estimate]:
    """The estimates with doubles merged, in order of age."""
    while (merge := _first_merge(estimates, limits)) is not None:
        i, j, one = merge
        estimates = sorted([*(each for k, each in enumerate(estimates) if k not in (i, j)), one])
    return estimates

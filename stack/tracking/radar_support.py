"""Radar targets against tracks: distance, update and birth.

A target is used along and across its line of sight, where its errors are independent, plus its
over-ground speed along that line. Targets true before the filter's instant are moved into the
present ego frame first, as if they stood still; the filter's lag term accounts for their own motion.
"""

from bisect import bisect_left
from collections.abc import Sequence
from math import sqrt
from typing import NamedTuple

from stack.tracking.association import Pair
from stack.tracking.estimates import (
    NEVER,
    NEW_QUALITY,
    NO_VOTES,
    UNSEEN_WIDTH_M,
    Estimate,
    bits_with,
    quick,
)
from stack.tracking.kalman import EgoShift, shifted, updated_by_position, updated_by_velocity
from stack.tracking.thresholds import Thresholds
from stack.vocabulary import ObjectClass, RadarTarget, SimNs

_WIDEST_M = 2.6  # a vehicle with its mirrors folded; wider clusters are several things or a wall


class RadarLook(NamedTuple):
    """A target ready for the filter: present ego frame, line of sight (along, across), variances."""

    x_m: float
    y_m: float
    along: float
    across: float
    range_m: float
    ground_mps: float
    range_m2: float
    cross_m2: float
    ground_m2ps2: float
    extent_m: float


def radar_looks(targets: Sequence[RadarTarget], lag: EgoShift | None, limits: Thresholds) -> list[RadarLook]:
    """Targets as looks; `lag` is the ego's motion from their instant to the filter's, if that is later."""
    floor_m2 = limits.range_floor_sigma_m**2
    rate_floor = limits.range_rate_floor_sigma_mps**2 + limits.ego_speed_sigma_mps**2
    looks = []
    for target in targets:
        x, y = target.x_m, target.y_m
        range_m = sqrt(x * x + y * y)
        if range_m <= 0.0:
            continue
        along, across = x / range_m, y / range_m
        if lag is not None:
            x, y = shifted(lag, x, y)
            along, across = lag.cos * along + lag.sin * across, lag.cos * across - lag.sin * along
        range_sigma, rate_sigma = target.range_sigma_m, target.range_rate_sigma_mps
        cross_sigma = range_m * target.azimuth_sigma_rad
        look = (
            x,
            y,
            along,
            across,
            range_m,
            target.ground_mps,
            range_sigma * range_sigma + floor_m2,
            cross_sigma * cross_sigma,
            rate_sigma * rate_sigma + rate_floor,
            target.extent_m,
        )
        looks.append(quick(RadarLook, look))
    return looks


def radar_pairs(estimates: list[Estimate], looks: list[RadarLook], lag_s: float, limits: Thresholds) -> list[Pair]:
    """Pairs inside the gate. The gate sees the full wander of the reflecting point."""
    gate = limits.gate
    pairs: list[Pair] = []
    if not looks:
        return pairs
    ordered = sorted([(look.x_m, j) for j, look in enumerate(looks)])
    widest_m2 = max([look.range_m2 + look.cross_m2 for look in looks])
    for i, estimate in enumerate(estimates):
        x, y, vx, vy, pxx, pxy, _, _, pyy, _, _, puu, puw, pww = estimate.belief
        x, y = x - lag_s * vx, y - lag_s * vy
        wander = limits.glint_seen_ratio * estimate.width_m
        wander_m2 = wander * wander
        reach_m = sqrt(gate * (pxx + pyy + widest_m2 + 2.0 * wander_m2))  # no pair inside the gate is further apart
        for look_x_m, j in ordered[bisect_left(ordered, (x - reach_m,)) :]:
            dx = look_x_m - x
            if dx > reach_m:
                break
            _, look_y_m, c, s, _, ground_mps, range_m2, cross_m2, ground_m2ps2, _ = looks[j]
            dy = look_y_m - y
            if not -reach_m < dy < reach_m:
                continue
            cc, ss, cs2 = c * c, s * s, 2.0 * c * s
            deep = c * dx + s * dy
            distance = deep * deep / (cc * pxx + cs2 * pxy + ss * pyy + range_m2 + wander_m2 * ss)
            if distance > gate:
                continue
            wide = c * dy - s * dx
            distance += wide * wide / (ss * pxx - cs2 * pxy + cc * pyy + cross_m2 + wander_m2)
            speed = ground_mps - c * vx - s * vy
            distance += speed * speed / (cc * puu + cs2 * puw + ss * pww + ground_m2ps2)
            if distance <= gate:
                pairs.append((distance, i, j))
    return pairs


def with_radar(estimate: Estimate, look: RadarLook, true_at: SimNs, lag_s: float, limits: Thresholds) -> Estimate:
    """The estimate after this target supported it."""
    track_id, belief, width, votes, seen, first_at, camera_at, newest, camera_bits, bits, supports, quality = estimate
    x_m, y_m, c, s, _, ground_mps, range_m2, cross_m2, ground_m2ps2, extent_m = look
    dx, dy = x_m - belief[0] + lag_s * belief[2], y_m - belief[1] + lag_s * belief[3]
    belief = updated_by_position(belief, c, s, lag_s, c * dx + s * dy, range_m2)
    wander = (limits.glint_seen_ratio if camera_bits else limits.glint_alone_ratio) * width
    dx, dy = x_m - belief[0] + lag_s * belief[2], y_m - belief[1] + lag_s * belief[3]
    belief = updated_by_position(belief, -s, c, lag_s, c * dy - s * dx, cross_m2 + wander * wander)
    belief = updated_by_velocity(belief, c, s, ground_mps - c * belief[2] - s * belief[3], ground_m2ps2)
    if camera_at == NEVER and extent_m > width:
        width = extent_m if extent_m < _WIDEST_M else _WIDEST_M
    after = (
        track_id,
        belief,
        width,
        votes,
        seen,
        first_at,
        camera_at,
        true_at if true_at > newest else newest,
        camera_bits,
        bits_with(bits, newest, true_at),
        supports + 1,
        quality + limits.quality_gain * (1.0 - quality),
    )
    return quick(Estimate, after)


def born_of_radar(track_id: int, look: RadarLook, true_at: SimNs, lag_s: float, limits: Thresholds) -> Estimate:
    """A new estimate: speed along the line of sight as measured, across it unknown."""
    c, s = look.along, look.across
    across_m2ps2 = limits.new_across_sigma_mps**2
    cross_m2 = look.cross_m2 + (limits.glint_alone_ratio * UNSEEN_WIDTH_M) ** 2
    vx, vy = c * look.ground_mps, s * look.ground_mps
    belief = (
        look.x_m + lag_s * vx,
        look.y_m + lag_s * vy,
        vx,
        vy,
        c * c * look.range_m2 + s * s * cross_m2,
        c * s * (look.range_m2 - cross_m2),
        0.0,
        0.0,
        s * s * look.range_m2 + c * c * cross_m2,
        0.0,
        0.0,
        c * c * look.ground_m2ps2 + s * s * across_m2ps2,
        c * s * (look.ground_m2ps2 - across_m2ps2),
        s * s * look.ground_m2ps2 + c * c * across_m2ps2,
    )
    width = min(max(look.extent_m, UNSEEN_WIDTH_M), _WIDEST_M)
    unknown = ObjectClass.UNKNOWN
    return Estimate(track_id, belief, width, NO_VOTES, unknown, true_at, NEVER, true_at, 0, 1, 1, NEW_QUALITY)

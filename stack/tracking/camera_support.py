"""Camera targets against tracks: distance, update and birth.

A target is used as position along and across its line of sight, speed across it, width and class.
Its x uncertainty is a camera's error in range and its y uncertainty that in angle, so they are taken
along and across the line of sight too, inflated because a camera's errors last over many frames.
Targets true before the filter's instant are moved into the present ego frame first, as radar's are.
"""

from collections.abc import Sequence
from math import sqrt
from typing import NamedTuple

from stack.tracking.association import Pair
from stack.tracking.estimates import (
    NEVER,
    NEW_QUALITY,
    NO_VOTES,
    Estimate,
    bits_with,
    elected,
    is_vru,
    voted,
)
from stack.tracking.kalman import EgoShift, shifted, updated_by_position, updated_by_velocity
from stack.tracking.thresholds import Thresholds
from stack.vocabulary import CameraTarget, ObjectClass, SimNs

_WIDTH_GAIN = 0.2  # the width settles within about five frames
_REACH_Y_M = 8.0  # no gate is wider than this across the road


class CameraLook(NamedTuple):
    """A target ready for the filter: present ego frame, line of sight (along, across), variances."""

    x_m: float
    y_m: float
    along: float
    across: float
    range_m2: float
    cross_m2: float
    target: CameraTarget


def camera_looks(targets: Sequence[CameraTarget], lag: EgoShift | None, limits: Thresholds) -> list[CameraLook]:
    """Targets as looks; `lag` is the ego's motion from their instant to the filter's, if that is later."""
    along_inflation, across_inflation = limits.camera_along_inflation, limits.camera_across_inflation
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
        x_sigma, y_sigma = along_inflation * target.x_sigma_m, across_inflation * target.y_sigma_m
        looks.append(CameraLook(x, y, along, across, x_sigma * x_sigma, y_sigma * y_sigma, target))
    return looks


def camera_pairs(estimates: list[Estimate], looks: list[CameraLook], lag_s: float, limits: Thresholds) -> list[Pair]:
    """Pairs inside the gate; tracks the camera never saw, or saw as another class, stand further away."""
    gate = limits.gate
    pairs: list[Pair] = []
    for i, estimate in enumerate(estimates):
        x, y, vx, vy, pxx, pxy, _, _, pyy, _, _, _, _, _ = estimate.belief
        x, y = x - lag_s * vx, y - lag_s * vy
        known = estimate.object_class
        wander = limits.glint_alone_ratio * estimate.width_m
        wander_m2 = wander * wander
        for j, (look_x_m, look_y_m, c, s, range_m2, cross_m2, target) in enumerate(looks):
            dx, dy = look_x_m - x, look_y_m - y
            if not -_REACH_Y_M < dy < _REACH_Y_M:
                continue
            deep, wide = c * dx + s * dy, c * dy - s * dx
            cc, ss, cs2 = c * c, s * s, 2.0 * c * s
            distance = deep * deep / (cc * pxx + cs2 * pxy + ss * pyy + range_m2)
            distance += wide * wide / (ss * pxx - cs2 * pxy + cc * pyy + cross_m2 + wander_m2)
            if known is ObjectClass.UNKNOWN:
                distance += limits.unseen_penalty
            elif target.object_class is not known and target.object_class is not ObjectClass.UNKNOWN:
                distance += limits.class_penalty
            if distance <= gate:
                pairs.append((distance, i, j))
    return pairs


def with_camera(estimate: Estimate, look: CameraLook, true_at: SimNs, lag_s: float, limits: Thresholds) -> Estimate:
    """The estimate after this target supported it."""
    belief = estimate.belief
    target = look.target
    c, s = look.along, look.across
    dx, dy = look.x_m - belief[0] + lag_s * belief[2], look.y_m - belief[1] + lag_s * belief[3]
    belief = updated_by_position(belief, c, s, lag_s, c * dx + s * dy, look.range_m2)
    dx, dy = look.x_m - belief[0] + lag_s * belief[2], look.y_m - belief[1] + lag_s * belief[3]
    belief = updated_by_position(belief, -s, c, lag_s, c * dy - s * dx, look.cross_m2)
    lateral_m2ps2 = limits.camera_lateral_sigma_mps**2
    belief = updated_by_velocity(belief, -s, c, target.lateral_mps + s * belief[2] - c * belief[3], lateral_m2ps2)
    votes = voted(estimate.votes, target.object_class, target.confidence)
    newest = estimate.camera_at
    width = estimate.width_m
    width = target.width_m if newest == NEVER else width + _WIDTH_GAIN * (target.width_m - width)
    return Estimate(
        estimate.track_id,
        belief,
        width,
        votes,
        elected(votes),
        estimate.first_seen_at,
        true_at if true_at > newest else newest,
        estimate.radar_at,
        bits_with(estimate.camera_bits, newest, true_at),
        estimate.radar_bits,
        estimate.supports + 1,
        estimate.quality + limits.quality_gain * (1.0 - estimate.quality),
    )


def born_of_camera(track_id: int, look: CameraLook, true_at: SimNs, lag_s: float, limits: Thresholds) -> Estimate:
    """A new estimate: standing along the road with the doubt its class allows, moving across as seen."""
    target = look.target
    c, s = look.along, look.across
    along_sigma = limits.new_vru_sigma_mps if is_vru(target.object_class) else limits.new_vehicle_sigma_mps
    along_m2ps2 = along_sigma * along_sigma
    across_m2ps2 = limits.camera_lateral_sigma_mps**2
    vx, vy = -s * target.lateral_mps, c * target.lateral_mps
    belief = (
        look.x_m + lag_s * vx,
        look.y_m + lag_s * vy,
        vx,
        vy,
        c * c * look.range_m2 + s * s * look.cross_m2,
        c * s * (look.range_m2 - look.cross_m2),
        0.0,
        0.0,
        s * s * look.range_m2 + c * c * look.cross_m2,
        0.0,
        0.0,
        c * c * along_m2ps2 + s * s * across_m2ps2,
        c * s * (along_m2ps2 - across_m2ps2),
        s * s * along_m2ps2 + c * c * across_m2ps2,
    )
    votes = voted(NO_VOTES, target.object_class, target.confidence)
    seen = elected(votes)
    return Estimate(track_id, belief, target.width_m, votes, seen, true_at, true_at, NEVER, 1, 0, 1, NEW_QUALITY)

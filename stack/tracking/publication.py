"""Tracks as published: every confirmed estimate predicted to the instant of publication.

Downstream, a time to collision is then right at the moment it is decided on, whatever the age of the
sensor data was: latency costs accuracy (the sigmas grow), not honesty.
"""

from math import sqrt

from stack.tracking.estimates import Estimate, hits
from stack.tracking.kalman import EgoShift
from stack.vocabulary import SimNs, Track
from stack.vocabulary.construction import maker

_track = maker(Track)


def published(estimate: Estimate, now: SimNs, dt_s: float, shift: EgoShift) -> Track:
    """One estimate as a track at `now`, `dt_s` after the belief's instant."""
    x, y, vx, vy, pxx, _, pxu, _, pyy, _, pyw, puu, _, pww = estimate.belief
    dx, dy = x + vx * dt_s - shift.dx_m, y + vy * dt_s - shift.dy_m
    c, s = shift.cos, shift.sin
    return _track(
        track_id=estimate.track_id,
        object_class=estimate.object_class,
        x_m=c * dx + s * dy,
        y_m=c * dy - s * dx,
        vx_mps=c * vx + s * vy,
        vy_mps=c * vy - s * vx,
        x_sigma_m=sqrt(pxx + dt_s * (2.0 * pxu + dt_s * puu)),
        y_sigma_m=sqrt(pyy + dt_s * (2.0 * pyw + dt_s * pww)),
        vx_sigma_mps=sqrt(puu),
        vy_sigma_mps=sqrt(pww),
        width_m=estimate.width_m,
        first_seen_at=estimate.first_seen_at,
        camera_at=estimate.camera_at,
        radar_at=estimate.radar_at,
        camera_hits=hits(estimate.camera_bits, estimate.camera_at, now),
        radar_hits=hits(estimate.radar_bits, estimate.radar_at, now),
        quality_ratio=estimate.quality,
    )

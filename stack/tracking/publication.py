"""Tracks as published: every confirmed estimate predicted to the instant of publication.

Downstream, a time to collision is then right at the moment it is decided on, whatever the age of the
sensor data was: latency costs accuracy (the sigmas grow), not honesty.
"""

from collections.abc import Iterable
from math import sqrt

from stack.tracking.estimates import Estimate, hits
from stack.tracking.kalman import EgoShift
from stack.vocabulary import SimNs, Track
from stack.vocabulary.construction import maker

_track = maker(Track)


def published(
    estimates: Iterable[Estimate], confirm_count: float, now: SimNs, dt_s: float, shift: EgoShift
) -> tuple[Track, ...]:
    """The confirmed estimates as tracks at `now`, `dt_s` after the beliefs' instant."""
    dx_m, dy_m, _, c, s = shift
    tracks = []
    for (
        track_id,
        belief,
        width_m,
        _,
        seen,
        first_at,
        camera_at,
        radar_at,
        camera,
        radar,
        supports,
        quality,
    ) in estimates:
        if supports < confirm_count:
            continue
        x, y, vx, vy, pxx, _, pxu, _, pyy, _, pyw, puu, _, pww = belief
        dx, dy = x + vx * dt_s - dx_m, y + vy * dt_s - dy_m
        tracks.append(
            _track(
                track_id=track_id,
                object_class=seen,
                x_m=c * dx + s * dy,
                y_m=c * dy - s * dx,
                vx_mps=c * vx + s * vy,
                vy_mps=c * vy - s * vx,
                x_sigma_m=sqrt(pxx + dt_s * (2.0 * pxu + dt_s * puu)),
                y_sigma_m=sqrt(pyy + dt_s * (2.0 * pyw + dt_s * pww)),
                vx_sigma_mps=sqrt(puu),
                vy_sigma_mps=sqrt(pww),
                width_m=width_m,
                first_seen_at=first_at,
                camera_at=camera_at,
                radar_at=radar_at,
                camera_hits=hits(camera, camera_at, now) if camera else 0,
                radar_hits=hits(radar, radar_at, now) if radar else 0,
                quality_ratio=quality,
            )
        )
    return tuple(tracks)

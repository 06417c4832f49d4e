"""Where a sensor sits on the ego, in the ego frame (origin on the ground below the front edge's centre)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Mount:
    """A sensor's place and direction: x forward, y left, z up from the road; yaw counter-clockwise."""

    x_m: float
    y_m: float
    z_m: float
    yaw_rad: float
    pitch_rad: float = 0.0  # positive: nose down (ISO 8855)
    roll_rad: float = 0.0

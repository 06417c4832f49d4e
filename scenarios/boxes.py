"""Where an actor stands at the start, as a box, and whether two of them stand in the same place. Metres, radians."""

from dataclasses import dataclass
from math import cos, hypot, sin

DRIVEN_OVER_M = 0.05  # things lower than this (a steel plate) are driven over and overlap nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """An outline seen from above (centre, direction; length, width) and the heights it fills."""

    x_m: float
    y_m: float
    yaw_rad: float
    size_m: tuple[float, float, float]
    clearance_m: float

    def overlaps(self, other: "Box") -> bool:
        """Whether two boxes share room: in height, and with no side of either outline between them."""
        low_m = max(self.clearance_m, other.clearance_m)
        high_m = min(self.clearance_m + self.size_m[2], other.clearance_m + other.size_m[2])
        if high_m <= low_m or min(self.size_m[2], other.size_m[2]) < DRIVEN_OVER_M:
            return False
        reach_m = 0.5 * (hypot(*self.size_m[:2]) + hypot(*other.size_m[:2]))
        if hypot(other.x_m - self.x_m, other.y_m - self.y_m) >= reach_m:
            return False
        return not (self._side_between(other) or other._side_between(self))

    def _side_between(self, other: "Box") -> bool:
        """Whether a side of this outline separates it from the other."""
        dx_m, dy_m = other.x_m - self.x_m, other.y_m - self.y_m
        turned_rad = other.yaw_rad - self.yaw_rad
        c, s = abs(cos(turned_rad)), abs(sin(turned_rad))
        ahead_m = abs(dx_m * cos(self.yaw_rad) + dy_m * sin(self.yaw_rad))
        aside_m = abs(dy_m * cos(self.yaw_rad) - dx_m * sin(self.yaw_rad))
        reach_ahead_m = 0.5 * (self.size_m[0] + c * other.size_m[0] + s * other.size_m[1])
        reach_aside_m = 0.5 * (self.size_m[1] + s * other.size_m[0] + c * other.size_m[1])
        return ahead_m >= reach_ahead_m or aside_m >= reach_aside_m

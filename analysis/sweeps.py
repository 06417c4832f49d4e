"""A sweep's headline: impact speed against added latency, and the closed form it should follow.

With constant deceleration a from an onset that latency shifts, v_imp = sqrt(2 a v0 (tau - tau0)):
every second of delay costs v0 metres, and each metre missing leaves 2 a more of squared speed.
Latency in s, speeds in m/s.
"""

from dataclasses import dataclass
from math import sqrt

FIT_FROM_MPS = 5.0 / 3.6  # points above 5 km/h take part; below, the grid of truth decides
TOLERANCE_RATIO = 0.1


@dataclass(frozen=True, slots=True)
class SweepPoint:
    """One run of a sweep: the value that was varied and the impact speed it led to."""

    value: float
    impact_mps: float
    run_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImpactFit:
    """The fitted curve: `deceleration_mps2` from truth's plateau, `latency_free_s` fitted."""

    initial_mps: float
    deceleration_mps2: float
    latency_free_s: float
    worst_ratio: float  # largest relative deviation of a point that took part
    points_used: int

    def impact_mps(self, latency_s: float) -> float:
        """Impact speed the closed form gives."""
        late = latency_s - self.latency_free_s
        return min(sqrt(2.0 * self.deceleration_mps2 * self.initial_mps * late), self.initial_mps) if late > 0 else 0.0

    @property
    def holds(self) -> bool:
        """Whether every point is within tolerance."""
        return self.points_used > 0 and self.worst_ratio <= TOLERANCE_RATIO


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """What was varied, in which unit, and what came of it; `fit` None where the key is not a latency."""

    scenario: str
    key: str
    unit: str
    points: tuple[SweepPoint, ...]
    fit: ImpactFit | None

    @property
    def name(self) -> str:
        """The key in words, without its unit."""
        return self.key.removesuffix(f"_{self.unit}").replace("_", " ")


def fit_impact_curve(
    points: tuple[SweepPoint, ...], initial_mps: float, deceleration_mps2: float, seconds_per_value: float = 1e-3
) -> ImpactFit | None:
    """Fit tau0 by least squares in squared speed; None with fewer than two points above 5 km/h.

    v² / (2 a v0) = tau - tau0 is linear with known slope, so tau0 is a mean.
    """
    used = [point for point in points if point.impact_mps > FIT_FROM_MPS]
    if len(used) < 2 or initial_mps <= 0.0 or deceleration_mps2 <= 0.0:
        return None
    slope = 2.0 * deceleration_mps2 * initial_mps
    starts = [point.value * seconds_per_value - point.impact_mps**2 / slope for point in used]
    raw = ImpactFit(
        initial_mps=initial_mps,
        deceleration_mps2=deceleration_mps2,
        latency_free_s=sum(starts) / len(starts),
        worst_ratio=0.0,
        points_used=len(used),
    )
    off = [abs(raw.impact_mps(p.value * seconds_per_value) - p.impact_mps) / p.impact_mps for p in used]
    return ImpactFit(
        initial_mps=initial_mps,
        deceleration_mps2=deceleration_mps2,
        latency_free_s=raw.latency_free_s,
        worst_ratio=max(off),
        points_used=len(used),
    )

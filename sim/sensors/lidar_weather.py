"""What fog and rain do to a lidar's light: how much they take on the way, and where they send some back.

Fog is a cloud of droplets too fine to be told apart: a soft target whose echo peaks a few metres away.
Rain is single drops, a few of which are big and near enough to be taken for a surface. Both follow the
lidar equation with the pattern's own fall-off, so that they compare with a surface's signal. Signals are
measured by a white plate's, head-on in clear air at the pattern's range for 10 % reflectivity.
"""

from functools import lru_cache
from math import exp, log, pi
from typing import Any, NamedTuple

import numpy as np

from sim.sensors.lidar_pattern import LidarPattern
from sim.truth import Conditions

# Back-scatter of fog as a share of its extinction, 1/sr: 0.046 / MOR against 3.0 / MOR. Rasshofer, Spies, Spies,
# Influences of weather phenomena on automotive laser radar systems, Adv. Radio Sci. 9 (2011), as used by Hahner et
# al., Fog simulation on real LiDAR point clouds, ICCV 2021 (recalled). Clouds' bigger droplets send back 1/19.
BACKSCATTER_1PSR = 0.046 / 3.0
# A drop's reflectivity as a share of a white disc of its size (own): between Fresnel's 0.02 of its face, which
# Kilic et al., Lidar Light Scattering Augmentation (LISA), arXiv:2107.07004 (2021) take, and the 0.33 that a sphere's
# lidar ratio of 18.8 sr means (O'Connor, Illingworth, Hogan, J. Atmos. Oceanic Technol. 21 (2004)) (both recalled).
DROP_REFLECTIVITY = 0.1
# Marshall and Palmer, The distribution of raindrops with size, J. Meteor. 5 (1948).
_DROPS_PER_M3_MM = 8000.0
THRESHOLD = 0.1  # the signal that half of the shots detect: a 10 % plate at the range quoted for it
_LIGHT_M_PER_NS = 0.299792458
# Fluctuation of fog's echo from place to place: a Gumbel law of this scale in the logarithm (own; sigma 0.21).
FOG_POWER = 6  # one over that scale
_STEPS = 256
_GAIN_STEP_M = 0.02
_FARTHEST_M = 40.0  # beyond this neither is ever detected


class Air(NamedTuple):
    """The air of one moment as a kernel needs it. Ranges of the tables: `ranges_m` (k,)."""

    extinction_1pm: float  # one way
    gains: Any  # (g,) signal of a white surface, head-on, at ranges from 0 to the greatest in even steps
    gains_1pm: float  # steps of `gains` per metre
    fog_level: float  # signal of the fog's strongest place, typical
    fog_shares: Any  # (k,) cumulative: where that place is; rises to 1
    drop_counts: Any  # (k,) expected detectable drops up to each range
    drop_least_mm: Any  # (k,) smallest drop that is detected at each range
    drop_mean_mm: float  # by how much drops exceed the least, on average
    ranges_m: Any  # (k,)
    wetness_ratio: float


def fog_extinction_1pm(visibility_m: float, wavelength_nm: float) -> float:
    """Extinction at a wavelength for a meteorological optical range (5 % contrast).

    Wavelength law: Kim, McArthur, Korevaar, Proc. SPIE 4214 (2001): none in fog thinner than 500 m, Kruse's in haze.
    """
    km = visibility_m / 1000.0
    if km < 0.5:
        power = 0.0
    elif km < 1.0:
        power = km - 0.5
    elif km < 6.0:
        power = 0.16 * km + 0.34
    else:
        power = 1.3 if km < 50.0 else 1.6
    return float(-log(0.05) / visibility_m * (wavelength_nm / 550.0) ** -power)


def rain_extinction_1pm(rain_mmph: float) -> float:
    """Extinction by rain, any optical wavelength: ITU-R P.1814, 1.076 R**0.67 dB/km (recalled)."""
    return float(1.076 * rain_mmph**0.67 * log(10.0) / 10.0 / 1000.0) if rain_mmph > 0.0 else 0.0


@lru_cache(maxsize=64)
def air(conditions: Conditions, pattern: LidarPattern) -> Air:
    """The air under these conditions for this lidar. Visibility is the sum of all: what rain does not take is fog."""
    rain = rain_extinction_1pm(conditions.rain_mmph)
    whole = max(rain, fog_extinction_1pm(conditions.visibility_m, pattern.wavelength_nm))
    farthest = min(_FARTHEST_M, pattern.max_range_m)
    ranges = np.linspace(pattern.min_range_m, max(farthest, pattern.min_range_m + 1.0), _STEPS)
    gains = np.array([_gain(float(each), whole, pattern) for each in ranges])
    fog_level, fog_shares = _fog(whole - rain, ranges, gains, pattern)
    counts, least, mean_mm = _drops(conditions.rain_mmph, ranges, gains, pattern)
    count = round(pattern.max_range_m / _GAIN_STEP_M) + 2
    table = np.array([0.0, *(_gain(k * pattern.max_range_m / (count - 2), whole, pattern) for k in range(1, count))])
    for array in (table, ranges, fog_shares, counts, least):
        array.setflags(write=False)
    return Air(
        extinction_1pm=whole,
        gains=table,
        gains_1pm=(count - 2) / pattern.max_range_m,
        fog_level=fog_level,
        fog_shares=fog_shares,
        drop_counts=counts,
        drop_least_mm=least,
        drop_mean_mm=mean_mm,
        ranges_m=ranges,
        wetness_ratio=conditions.wetness_ratio,
    )


def _gain(range_m: float, extinction_1pm: float, pattern: LidarPattern) -> float:
    """The signal of a white surface at a range; 1 at the pattern's range at 10 % in clear air."""
    overlap = 1.0 - exp(-((range_m / pattern.overlap_m) ** 4))
    share = pattern.range_at_10_percent_m / range_m
    power = 2.0 if share >= 1.0 else pattern.falloff
    return float(overlap * share**power * exp(-2.0 * extinction_1pm * range_m))


def _fog(extinction_1pm: float, ranges: Any, gains: Any, pattern: LidarPattern) -> tuple[float, Any]:
    """Typical signal of the strongest place, and the law of where it is.

    Each place's echo varies by a Gumbel law in its logarithm. Then the strongest of all is a place with
    probability as its signal to the power 1 / scale, and its strength does not depend on which it is.
    """
    # a layer as deep as half the pulse sends back pi * back-scatter * depth of what a white surface would
    layer = pi * extinction_1pm * BACKSCATTER_1PSR * 0.5 * _LIGHT_M_PER_NS * pattern.pulse_ns
    cells = (ranges[1] - ranges[0]) / (0.5 * _LIGHT_M_PER_NS * pattern.pulse_ns)  # independent places per step
    powers = np.array([float(layer * gain) ** FOG_POWER for gain in gains]) * cells
    total = float(powers.sum())
    if total <= 0.0:
        return 0.0, np.ones(len(ranges))
    return total ** (1.0 / FOG_POWER), np.cumsum(powers) / total


def _drops(rain_mmph: float, ranges: Any, gains: Any, pattern: LidarPattern) -> tuple[Any, Any, float]:
    """Expected number of detectable drops up to each range, the least such drop there, and the mean excess."""
    widths_mm = pattern.aperture_mm + pattern.divergence_mrad * ranges
    least = widths_mm * np.sqrt(THRESHOLD / (DROP_REFLECTIVITY * gains))
    if rain_mmph <= 0.0:
        return np.zeros(len(ranges)), least, 1.0
    slope_1pmm = 4.1 * rain_mmph**-0.21
    areas_m2 = 0.25 * pi * (widths_mm / 1000.0) ** 2
    seen = np.array([exp(-slope_1pmm * float(each)) for each in least])
    per_m = areas_m2 * _DROPS_PER_M3_MM / slope_1pmm * seen
    steps = 0.5 * (per_m[1:] + per_m[:-1]) * np.diff(ranges)
    return np.concatenate(([0.0], np.cumsum(steps))), least, 1.0 / slope_1pmm

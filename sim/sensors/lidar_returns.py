# ruff: noqa: ANN001, ANN202
"""From the first surface on every ray to what the lidar reports: which shots return, at what range, how bright.

Chance is a 64-bit hash of the scan's key and the ray's number (finaliser of SplitMix64: Steele, Lea,
Flood, OOPSLA 2014), so a ray's luck depends on no other ray. Normal values are sums of four bytes:
they end at 3.5 sigma, as a receiver's window does.
"""

from math import exp, log
from typing import Any, NamedTuple

import numpy as np
from numba import njit

from sim.rays.splat import Grid, Sweep
from sim.scenery.materials import MATERIALS
from sim.sensors.lidar_pattern import LidarPattern
from sim.sensors.lidar_weather import FOG_POWER, THRESHOLD, Air

AIRBORNE = -3  # the row of a return from fog or rain

# Rough surfaces scatter back towards the light at grazing angles: Oren and Nayar, Generalization of Lambert's
# reflectance model, SIGGRAPH 1994, for facets of 0.5 rad (own, about asphalt's texture), scaled to 1 head-on:
# cos + 0.42 sin². Glossy ones (paint, glass, steel) do not.
_ROUGH_BACK = 0.42
_GLOSSY = 0.1
# A film of water: rough surfaces keep about 0.6 of their brightness (Lekner, Dorf, Applied Optics 27 (1988), by
# which asphalt, soil and cloth lose 0.3 to 0.5), and the film's face mirrors the rest away at grazing angles, in and
# out (Schlick's Fresnel term, water 0.02). Retroreflectors keep 0.8 (EN 12899-1 asks as much in rain) (recalled).
_WET_KEPT = 0.6
_WET_RETRO_KEPT = 0.8
_WATER_FRESNEL = 0.02
_WEAK = 3.0  # a signal at the threshold has twice the range error of a strong one (own)
_BRIGHTNESS_SIGMA = 0.05  # of the reported reflectivity, as a share (own)

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)
_BYTE = np.uint64(255)
_S8, _S16, _S24, _S27, _S30, _S31, _S32, _S40 = (np.uint64(each) for each in (8, 16, 24, 27, 30, 31, 32, 40))
_TO_UNIT = 2.0**-24
_FOUR_BYTES_SIGMA = (4.0 * (256.0**2 - 1.0) / 12.0) ** 0.5


class Receiver(NamedTuple):
    """One lidar's electronics as numbers for the kernel."""

    reference_m: float  # where a white surface's signal is 1
    falloff: float
    spread: float
    overlap_m: float
    min_range_m: float
    range_sigma_m: float
    range_step_m: float
    dropout_ratio: float
    reflectivity: Any  # (m,) float64, per material
    rough: Any  # (m,) float64: share of the back-scatter at grazing angles
    exact: bool  # every ray that meets a surface returns, without errors


class Returns(NamedTuple):
    """Room for one scan, a row per return."""

    points: Any  # (n, 4) float32: x, y, z, apparent reflectivity
    rings: Any  # (n,) uint8
    offsets_ns: Any  # (n,) int32
    rows: Any  # (n,) int32: actor's row, -1 the map, AIRBORNE
    materials: Any  # (n,) int32, -1 for AIRBORNE
    shots: Any  # (n,) int32: column * lasers + laser


def receiver(pattern: LidarPattern, exact: bool) -> Receiver:
    """The numbers of a pattern."""
    return Receiver(
        reference_m=pattern.range_at_10_percent_m,
        falloff=pattern.falloff,
        spread=pattern.detection_spread_ratio,
        overlap_m=pattern.overlap_m,
        min_range_m=pattern.min_range_m,
        range_sigma_m=pattern.range_sigma_m,
        range_step_m=pattern.range_step_m,
        dropout_ratio=pattern.dropout_ratio,
        reflectivity=np.array([material.reflectivity_905nm for material in MATERIALS]),
        rough=np.array([_ROUGH_BACK if material.gloss_ratio < _GLOSSY else 0.0 for material in MATERIALS]),
        exact=exact,
    )


def room(rays: int) -> Returns:
    """Empty arrays for as many returns as there are rays."""
    return Returns(
        points=np.empty((rays, 4), dtype=np.float32),
        rings=np.empty(rays, dtype=np.uint8),
        offsets_ns=np.empty(rays, dtype=np.int32),
        rows=np.empty(rays, dtype=np.int32),
        materials=np.empty(rays, dtype=np.int32),
        shots=np.empty(rays, dtype=np.int32),
    )


@njit(cache=True, error_model="numpy", inline="always")
def _hashed(key, number):  # type: ignore[no-untyped-def]
    z = key + number * _GOLDEN
    z = (z ^ (z >> _S30)) * _MIX_1
    z = (z ^ (z >> _S27)) * _MIX_2
    return z ^ (z >> _S31)


@njit(cache=True, error_model="numpy", inline="always")
def _bell(word):  # type: ignore[no-untyped-def]
    """A value of mean 0 and variance 1 from the low 32 bits."""
    total = (word & _BYTE) + ((word >> _S8) & _BYTE) + ((word >> _S16) & _BYTE) + ((word >> _S24) & _BYTE)
    return (np.float64(total) - 510.0) / _FOUR_BYTES_SIGMA


@njit(cache=True, error_model="numpy")
def report(sweep: Sweep, rays: Grid, device: Receiver, air: Air, key: np.uint64, out: Returns) -> int:
    """Fill `out` in order of firing; returns how many shots gave a return. `key` is the scan's."""
    ranges, rows, materials, cosines = sweep.range_m, sweep.row, sweep.material, sweep.cosine
    reflectivity, rough = device.reflectivity, device.rough
    points, rings, offsets = out.points, out.rings, out.offsets_ns
    out_rows, out_materials, shots = out.rows, out.materials, out.shots
    columns, lasers = ranges.shape
    threshold, spread = THRESHOLD, device.spread
    surely, hardly = threshold * exp(3.6 * spread), threshold * exp(-3.6 * spread)
    gains, steps = air.gains, air.ranges_m.shape[0]
    step_m = air.ranges_m[1] - air.ranges_m[0]
    first_m = air.ranges_m[0]
    most_drops = 1.0 - exp(-air.drop_counts[steps - 1])
    wetness = 0.0 if device.exact else air.wetness_ratio
    count = 0
    for c in range(columns):
        # azimuth in the sensor's own frame at the instant of firing; its turn is in what it saw there
        angle = (c + 0.5 - 0.5 * columns) * rays.turn * 2.0 * np.pi / columns
        ca, sa = np.cos(angle), np.sin(angle)
        offset = np.int32(np.round(sweep.times_s[c] * 1e9))
        for r in range(lasers):
            number = np.uint64(4 * (c * lasers + r))
            row, distance = rows[c, r], ranges[c, r]
            met = row != -2
            signal = brightness = 0.0
            if met:
                m, cosine = materials[c, r], np.float64(cosines[c, r])
                brightness = reflectivity[m]
                if brightness > 1.0:
                    brightness *= cosine * cosine * (1.0 - (1.0 - _WET_RETRO_KEPT) * wetness)
                else:
                    brightness *= cosine + rough[m] * (1.0 - cosine * cosine)
                    if wetness > 0.0:
                        past = 1.0 - cosine
                        through = (1.0 - _WATER_FRESNEL) * (1.0 - past * past * past * past * past)
                        brightness *= 1.0 - wetness * (1.0 - _WET_KEPT * through * through)
                at = distance * air.gains_1pm
                step = int(at)
                signal = brightness * (gains[step] + (at - step) * (gains[step + 1] - gains[step]))
            else:
                distance = np.inf
            if device.exact:
                if not met or distance < device.min_range_m:
                    continue
                measured = distance
            else:
                word = _hashed(key, number)
                other = _hashed(key, number + np.uint64(1))
                if np.float64(other >> _S40) * _TO_UNIT < device.dropout_ratio:
                    continue
                seen = met and distance >= device.min_range_m and signal > hardly
                if seen and signal < surely:
                    seen = signal > threshold * exp(spread * _bell(word >> _S32))
                level = signal if seen else threshold
                measured = distance
                # fog: the chance that its strongest place beats the surface and the threshold
                ratio = air.fog_level / max(level, threshold)
                odds = ratio * ratio * ratio * ratio * ratio * ratio  # to FOG_POWER
                if odds > 1e-7:
                    word_2 = _hashed(key, number + np.uint64(2))
                    draw = (np.float64(word_2 >> _S40) + 0.5) * _TO_UNIT
                    if draw < 1.0 - exp(-odds):
                        where = np.float64(word_2 & np.uint64(0xFFFFFF)) * _TO_UNIT
                        low, high = 0, steps - 1
                        while low < high:
                            middle = (low + high) // 2
                            if air.fog_shares[middle] < where:
                                low = middle + 1
                            else:
                                high = middle
                        place = first_m + low * step_m
                        if place < distance:
                            strength = air.fog_level * exp(-log(-log(1.0 - draw)) / FOG_POWER)
                            seen, measured, row, level = True, place, AIRBORNE, strength
                # rain: the first drop that is big enough, if it beats the surface and the fog
                if most_drops > 0.0:
                    word_3 = _hashed(key, number + np.uint64(3))
                    draw = (np.float64(word_3 >> _S40) + 0.5) * _TO_UNIT
                    if draw < most_drops:
                        wanted = -log(1.0 - draw)
                        low, high = 0, steps - 1
                        while low < high:
                            middle = (low + high) // 2
                            if air.drop_counts[middle] < wanted:
                                low = middle + 1
                            else:
                                high = middle
                        place = first_m + low * step_m
                        least = air.drop_least_mm[low]
                        more = -log((np.float64(word_3 & np.uint64(0xFFFFFF)) + 0.5) * _TO_UNIT) * air.drop_mean_mm
                        strength = threshold * (1.0 + more / least) ** 2
                        if place < distance and (not seen or strength > level):
                            seen, measured, row, level = True, place, AIRBORNE, strength
                if not seen:
                    continue
                if row != AIRBORNE:
                    brightness *= exp(-2.0 * air.extinction_1pm * distance)
                else:
                    # somewhere within the step; brightness as the sensor takes it for a surface there
                    measured += (np.float64(word & np.uint64(0xFFFF)) / 65536.0 - 0.5) * step_m
                    near, share = measured / device.overlap_m, device.reference_m / measured
                    overlap = 1.0 - exp(-near * near * near * near)
                    brightness = level / (overlap * (share * share if share >= 1.0 else share**device.falloff))
                brightness *= max(0.0, 1.0 + _BRIGHTNESS_SIGMA * _bell(other))
                sigma = device.range_sigma_m * np.sqrt(1.0 + _WEAK * threshold / level)
                measured += sigma * _bell(word)
                measured = np.floor(measured / device.range_step_m + 0.5) * device.range_step_m
                if measured < device.min_range_m:
                    continue
            flat = measured * rays.cosines[r]
            points[count, 0], points[count, 1], points[count, 2] = flat * ca, flat * sa, flat * rays.tangents[r]
            points[count, 3] = brightness
            rings[count], offsets[count], out_rows[count] = r, offset, row
            out_materials[count] = materials[c, r] if row != AIRBORNE else -1
            shots[count] = c * lasers + r
            count += 1
    return count

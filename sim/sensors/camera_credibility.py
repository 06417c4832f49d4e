"""How far the pixel camera can be believed: rows of the table in `sim.sensors.credibility`.

Each row measures the camera's own steps on pictures made by hand (the fog row: on drawn ones) and
holds them to a law or a cited figure. What a row cannot see: spectra (three channels stand for them),
the lens's own sharpness, flicker of lamps.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from math import exp, log10, sqrt
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from sim.camera.exposure import ExposureControl
from sim.camera.glare import cells
from sim.camera.imager import Imager, signal_of
from sim.camera.lens import Lens, project, rays
from sim.camera.parameters import ExposureParameters, ImagerParameters, electrons_per_s, read_noise_e, sites
from sim.camera.picture import NOBODY, Picture
from sim.camera.renderer import Renderer
from sim.scenery.ground import GroundTable
from sim.scenery.mesh import Body
from sim.scenery.scene import Moment, Scenery
from sim.scenery.shapes import box
from sim.scenery.still import Piece, tiled
from sim.scenery.viewpoint import Viewpoint
from sim.sensors.credibility import CredibilityRow, one_target
from sim.truth import ActorKind, Conditions
from stack.vocabulary import START, SimNs

_SMALL = Lens(width_px=128, height_px=96, focal_x_px=120.0, focal_y_px=120.0, centre_x_px=64.0, centre_y_px=48.0)
_BARREL = Lens(k1=-0.3, k2=0.08, p1=0.001, p2=-0.0005, k3=-0.005)
_IMAGER = ImagerParameters()
_BARE = replace(_IMAGER, vignetting_ratio=0.0, veil_ratio=0.0, bloom_ratio=0.0, uniformity_ratio=0.0)
_CLEAN = replace(_BARE, noisy=False)
_GREEN = 1
_SHOTS = 12  # frames of one level

_EMVA = "EMVA 1288 Release 4.0 Linear, section 2: variance over mean is the system gain"
_WMO = "WMO-No. 8, 1.9: contrast of a black object at the meteorological optical range is 5 % (Koschmieder)"
_RANGE = "Sony IMX390: 110 dB, onsemi AR0231: up to 120 dB (product briefs, from memory: confirm)"
_COSINE = "radiometry: illuminance of a thin lens falls with the fourth power of the cosine"
_APERTURE = "Fourier transform of a square pixel: its contrast is one half at 0.603 cycles per pixel"
_STEADY = "own: three time constants of 0.25 s after two frames; cameras settle within about a second (judged)"
_STREAK = "kinematics: focal length x speed x exposure / distance"
_OPENCV = "OpenCV, projectPoints (Brown-Conrady), on 2,000 points"


def _even(radiance_cdm2: float, lens: Lens = _SMALL) -> Picture:
    """A grey wall that fills the view."""
    shape = (lens.height_px, lens.width_px)
    return Picture(
        radiance=np.full((*shape, 3), radiance_cdm2, dtype=np.float32),
        depth_m=np.full(shape, 20.0, dtype=np.float32),
        instance=np.full(shape, NOBODY, dtype=np.int32),
        semantic=np.zeros(shape, dtype=np.uint8),
    )


def _green_codes(parameters: ImagerParameters, picture: Picture, exposure_s: float, gain_db: float, slot: int) -> Any:
    """The converter's codes of the green channel, as float64."""
    imager = Imager(1, "credibility", _SMALL, parameters)
    return imager.raw(picture, imager.metered(picture), SimNs(slot), exposure_s, gain_db)[..., _GREEN].astype(
        np.float64
    )


@lru_cache(maxsize=1)
def _transfer() -> tuple[float, float]:
    """Slope and intercept of the photon transfer curve at 12 dB: variance of codes over their mean."""
    per_s = electrons_per_s(_BARE)[_GREEN] * 100.0
    means, variances = [], []
    for level, electrons in enumerate((20.0, 40.0, 80.0, 200.0, 500.0, 1_000.0, 1_700.0, 2_500.0)):
        shots = np.stack(
            [
                _green_codes(_BARE, _even(100.0), electrons / per_s, 12.0, _SHOTS * level + shot)
                for shot in range(_SHOTS)
            ]
        )
        means.append(shots.mean())
        variances.append(shots.var(axis=0, ddof=1).mean())
    mean, variance = np.array(means), np.array(variances)
    weight = 1.0 / variance**2  # a variance's own error is a share of itself
    centre = (weight * mean).sum() / weight.sum()
    middle = (weight * variance).sum() / weight.sum()
    slope = (weight * (mean - centre) * (variance - middle)).sum() / (weight * (mean - centre) ** 2).sum()
    return float(slope), float(middle - slope * centre)


def _gain_ratio() -> float:
    """The system gain found by photon transfer over the stated one."""
    stated = 10.0 ** (12.0 / 20.0) * (2**_BARE.converter_bits - 1) / _BARE.full_well_e
    return float(_transfer()[0] * sites(_BARE, mosaic=False)[_GREEN] / stated)


def _read_noise_ratio() -> float:
    """The noise found where the photon transfer curve meets darkness, over the stated one."""
    slope, intercept = _transfer()
    gain = slope * sites(_BARE, mosaic=False)[_GREEN]
    found_e = sqrt(max(intercept - 1.0 / 12.0, 0.0) * sites(_BARE, mosaic=False)[_GREEN]) / gain
    return found_e / read_noise_e(_BARE, 12.0)


def _dynamic_range_db() -> float:
    """From the signal that equals its own noise to the last one below white, at 0 dB (EMVA 1288, 4.0, 2.6)."""
    per_s = electrons_per_s(_BARE)[_GREEN]
    last = 1.0
    codes = 2 * 2**_BARE.converter_bits - 1
    while _green_codes(_CLEAN, _even(100.0), last * _CLEAN.full_well_e / (100.0 * per_s), 0.0, 0).max() < codes:
        last *= 1.02
    n, dark_e = sites(_BARE, mosaic=False)[_GREEN], read_noise_e(_BARE, 0.0)
    least_e = (1.0 + sqrt(1.0 + 4.0 * n * dark_e**2)) / (2.0 * n)  # e = sqrt((e + dark²) / n)
    return 20.0 * log10(last * _BARE.full_well_e / least_e)


def _corner_ratio() -> float:
    """Signal near the corner over the middle's, over the law's."""
    picture = _even(100.0)
    exposure_s = 0.9 * _CLEAN.full_well_e / (100.0 * electrons_per_s(_CLEAN)[_GREEN])
    found = _green_codes(replace(_CLEAN, vignetting_ratio=1.0), picture, exposure_s, 0.0, 0)
    left, up = rays(_SMALL)[0, 0].astype(np.float64)
    return float(found[0, 0] / found[47, 63] * (1.0 + left**2 + up**2) ** 2)


def _edge_mtf50() -> float:
    """Cycles per pixel at which a slanted edge keeps half its contrast (ISO 12233, e-SFR, on raw codes)."""
    slope = 0.0875  # 5 degrees
    v, u = np.mgrid[0 : _SMALL.height_px, 0 : _SMALL.width_px]
    fine = (np.arange(32) + 0.5) / 32.0
    share = np.zeros(v.shape)
    for dv in fine.tolist():
        for du in fine.tolist():
            share += (u + du - 64.0) > slope * (v + dv - 48.0)
    picture = _even(1.0)
    picture.radiance[:] = (20.0 + 80.0 * share / share.max())[..., None]
    exposure_s = 0.9 * _CLEAN.full_well_e / (100.0 * electrons_per_s(_CLEAN)[_GREEN])
    codes = _green_codes(_CLEAN, picture, exposure_s, 0.0, 0)
    away = ((u + 0.5 - 64.0) - slope * (v + 0.5 - 48.0)) / sqrt(1.0 + slope**2)
    bins = np.floor(away * 8.0).astype(np.int64) + 8 * 16
    inside = (bins >= 0) & (bins < 8 * 32)
    counts = np.bincount(bins[inside], minlength=8 * 32)
    edge = np.bincount(bins[inside], weights=codes[inside], minlength=8 * 32) / counts
    spectrum = np.abs(np.fft.rfft(np.diff(edge)))
    spectrum /= spectrum[0]
    at = int(np.flatnonzero(spectrum < 0.5)[0])
    part = (spectrum[at - 1] - 0.5) / (spectrum[at - 1] - spectrum[at])
    return float((at - 1 + part) * 8.0 / (8 * 32 - 1))


def _settling_s() -> float:
    """Until the level is within 5 % of a stop of the new one, after the light has fallen by two stops."""
    period_ns = 50_000_000
    parameters = ExposureParameters()
    control = ExposureControl(parameters, _IMAGER)
    shape = (cells(_SMALL.height_px), cells(_SMALL.width_px), 3)
    level = 0.0
    for frame in range(100):
        light = np.full(shape, 1_000.0 if frame < 10 else 250.0, dtype=np.float32)
        exposure_s, gain_db = control.exposing(SimNs(frame * period_ns), light)
        control.metered(SimNs(frame * period_ns), light, exposure_s, gain_db)
        level = control.level(light, exposure_s, gain_db, clipped=True) / parameters.target_ratio
        if frame > 10 and level > 2.0**-0.1:
            return (frame - 10) * period_ns * 1e-9
    return float("inf")


def _streak_ratio() -> float:
    """The length of a bright line's streak over the law's: from its spread, which for a bar is length² / 12."""
    ratios = []
    for speed_mps, exposure_s in ((20.0, 0.1), (40.0, 0.1), (30.0, 0.2)):
        picture = _even(0.0)
        picture.radiance[:, 64] = 5.0
        eye = Viewpoint(
            position_m=np.zeros(3), world_from_sensor=np.eye(3), velocity_mps=np.array([0.0, speed_mps, 0.0]),
            angular_velocity_radps=np.zeros(3), hidden_row=0,
        )  # fmt: skip
        imager = Imager(1, "credibility", _SMALL, _CLEAN)
        moment: Any = _Nobody()
        image = imager.raw(picture, imager.metered(picture), START, exposure_s, 0.0, (moment, eye))
        row = signal_of(_CLEAN)[image[48, :, _GREEN]]
        places = np.arange(_SMALL.width_px) + 0.5
        centre = (row * places).sum() / row.sum()
        length_px = sqrt(12.0 * float((row * (places - centre) ** 2).sum() / row.sum()))
        ratios.append(length_px / (_SMALL.focal_x_px * speed_mps * exposure_s / 20.0))
    return float(np.mean(ratios))


class _Nobody:
    """A moment without actors."""

    poses = np.zeros((0, 3, 4))
    motions = np.zeros((0, 6))


def _reprojection_px() -> float:
    """The largest distance between our projection and OpenCV's."""
    sight = rays(_BARREL).astype(np.float64).reshape(-1, 2)[::115]
    points = np.column_stack((np.ones(len(sight)), sight)) * (3.0 + np.arange(len(sight))[:, None] % 70)
    matrix = np.array([[600.0, 0.0, 320.0], [0.0, 600.0, 180.0], [0.0, 0.0, 1.0]])
    bends = np.array([_BARREL.k1, _BARREL.k2, _BARREL.p1, _BARREL.p2, _BARREL.k3])
    turned = np.column_stack((-points[:, 1], -points[:, 2], points[:, 0]))
    theirs, _jacobian = cv2.projectPoints(turned, np.zeros(3), np.zeros(3), matrix, bends)
    ours, _valid = project(_BARREL, points)
    return float(np.abs(ours - theirs[:, 0]).max())


def _fog_contrast_percent() -> float:
    """Contrast of a dark wall against the horizon at the visibility, of what it has from close by, %."""
    visibility_m = 100.0
    near, far = (_drawn_contrast(share * visibility_m, visibility_m) for share in (0.05, 1.0))
    return 100.0 * far / near * exp(-3.0 * 0.05)  # back to no distance at all


def _drawn_contrast(distance_m: float, visibility_m: float) -> float:
    """Of a wall of dark rubber at a distance, drawn in fog at noon under clouds."""
    frame = one_target(ActorKind.CAR, (0.2, 0.2, 0.2), 900.0)
    half_m = 0.1 * distance_m
    wall = box((distance_m, -half_m, 2.0 - half_m), (distance_m + 1.0, half_m, 2.0 + half_m), "rubber")
    speck = Body(mesh=box((-0.1, -0.1, 0.0), (0.1, 0.1, 0.2), "rubber"), colour=(0.1, 0.1, 0.1), semantic=0)
    ground = GroundTable(first=np.array([0, 1, 2], dtype=np.int32), stations_m=np.zeros(2), heights_m=np.zeros(2))
    scenery = Scenery(
        roster=frame.roster, still=tiled((Piece(mesh=wall, reach_m=5_000.0),)), bodies=(speck, speck), ground=ground
    )
    conditions = Conditions(friction_ratio=0.8, visibility_m=visibility_m, illuminance_lx=10_000.0, cloud_ratio=1.0)
    eye = Viewpoint(
        position_m=np.array([0.0, 0.0, 2.0]), world_from_sensor=np.eye(3), velocity_mps=np.zeros(3),
        angular_velocity_radps=np.zeros(3), hidden_row=0,
    )  # fmt: skip
    moment: Moment = scenery.moment(frame)
    picture = Renderer(scenery, _SMALL).draw(moment, conditions, START, eye)
    green: NDArray[np.float64] = picture.radiance[..., _GREEN].astype(np.float64)
    horizon = green[47:49, 4:12].mean()
    return float((horizon - green[47:49, 60:68].mean()) / horizon)


def _row(quantity: str, unit: str, band: tuple[float, float], source: str, measure: Callable[[], float],
         valid_m: tuple[float, float] = (0.5, 500.0)) -> CredibilityRow:  # fmt: skip
    return CredibilityRow(
        quantity=quantity, unit=unit, low=band[0], high=band[1],
        valid_from_m=valid_m[0], valid_to_m=valid_m[1], source=source, measure=measure,
    )  # fmt: skip


# fmt: off
ROWS: tuple[CredibilityRow, ...] = (
    _row("image gain by photon transfer", "of stated", (0.98, 1.02), _EMVA, _gain_ratio),
    _row("image read noise by photon transfer", "of stated", (0.9, 1.1), _EMVA, _read_noise_ratio),
    _row("image dynamic range, two captures", "dB", (105.0, 122.0), _RANGE, _dynamic_range_db),
    _row("image corner brightness", "of cos^4", (0.995, 1.005), _COSINE, _corner_ratio),
    _row("image sharpness, MTF50 of raw codes", "cycles/px", (0.55, 0.65), _APERTURE, _edge_mtf50),
    _row("image exposure settling, two stops", "s", (0.6, 1.0), _STEADY, _settling_s),
    _row("image motion blur length", "of law", (0.95, 1.05), _STREAK, _streak_ratio),
    _row("image reprojection against OpenCV", "px", (0.0, 1e-6), _OPENCV, _reprojection_px),
    _row("image contrast at the visibility in fog", "%", (4.0, 6.0), _WMO, _fog_contrast_percent, (5.0, 2_000.0)),
)
# fmt: on

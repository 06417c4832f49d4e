"""What an imaging fault does to the content of a sensor's list, by fault kind and severity.

Severity is the physical measure named beside each row, in [0, 1]; severity 0 is a clear sensor and
changes nothing. Stated from judgement, to be fitted to an image network when one is in the loop.
A kind without a row cannot be played on an object list: it needs pixels.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from stack.vocabulary import FaultlineError


class NeedsPixels(FaultlineError, LookupError):
    """No response is stated for this fault kind: only a sensor that makes raw data can show it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraResponse:
    """How the camera's list differs from a clear camera's.

    `added_miss_ratio` is the share of found objects lost on top of the usual misses;
    `range_error_factor` multiplies the range and angle errors; `ghost_rate_hz` is added to the
    rate of one-frame ghosts; the factors scale reported confidence, image health and lane quality.
    """

    added_miss_ratio: float = 0.0
    range_error_factor: float = 1.0
    ghost_rate_hz: float = 0.0
    confidence_factor: float = 1.0
    health_factor: float = 1.0
    lane_factor: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RadarResponse:
    """How the radar's list differs from a clear radar's: echo power lost, noise floor risen, angle bent."""

    loss_db: float = 0.0
    interference_db: float = 0.0
    azimuth_bias_rad: float = 0.0


CLEAR_CAMERA = CameraResponse()
CLEAR_RADAR = RadarResponse()


def _dirt(share: float) -> CameraResponse:
    return CameraResponse(
        added_miss_ratio=share,
        range_error_factor=1.0 + 0.5 * share,
        ghost_rate_hz=0.2 * share,
        confidence_factor=1.0 - 0.4 * share,
        health_factor=1.0 - share,
        lane_factor=1.0 - share,
    )


def _blockage(share: float) -> CameraResponse:
    return CameraResponse(
        added_miss_ratio=min(1.0, 1.1 * share), health_factor=1.0 - share, lane_factor=max(0.0, 1.0 - 1.5 * share)
    )


def _fog_on_lens(contrast_lost: float) -> CameraResponse:
    return CameraResponse(
        added_miss_ratio=contrast_lost**2,
        range_error_factor=1.0 + contrast_lost,
        confidence_factor=1.0 - 0.6 * contrast_lost,
        health_factor=1.0 - 0.9 * contrast_lost,
        lane_factor=1.0 - 0.8 * contrast_lost,
    )


def _water_drops(share: float) -> CameraResponse:
    return CameraResponse(
        added_miss_ratio=0.5 * share,
        range_error_factor=1.0 + 1.5 * share,
        ghost_rate_hz=1.0 * share,
        confidence_factor=1.0 - 0.3 * share,
        health_factor=1.0 - 0.7 * share,
        lane_factor=1.0 - 0.6 * share,
    )


def _glare(saturated_share: float) -> CameraResponse:
    return CameraResponse(
        added_miss_ratio=min(1.0, 1.3 * saturated_share),
        range_error_factor=1.0 + 0.5 * saturated_share,
        ghost_rate_hz=0.5 * saturated_share,
        confidence_factor=1.0 - 0.5 * saturated_share,
        health_factor=1.0 - 0.8 * saturated_share,
        lane_factor=1.0 - saturated_share,
    )


def _defocus(blur: float) -> CameraResponse:
    return CameraResponse(
        added_miss_ratio=0.8 * blur**2,
        range_error_factor=1.0 + 1.0 * blur,
        confidence_factor=1.0 - 0.5 * blur,
        health_factor=1.0 - 0.7 * blur,
        lane_factor=1.0 - 0.5 * blur,
    )


def _radar_blockage(share: float) -> RadarResponse:
    return RadarResponse(loss_db=40.0 * share)


def _radar_interference(share: float) -> RadarResponse:
    return RadarResponse(interference_db=30.0 * share)


def _radar_misalignment(share: float) -> RadarResponse:
    return RadarResponse(azimuth_bias_rad=0.05 * share)


RESPONSES: Mapping[str, Callable[[float], CameraResponse]] = {
    "dirt": _dirt,  # share of the lens covered, spread over the image
    "blockage": _blockage,  # share of the image that shows nothing
    "fog_on_lens": _fog_on_lens,  # share of contrast lost
    "water_drops": _water_drops,  # share of the lens under drops
    "glare": _glare,  # share of the image saturated
    "defocus": _defocus,  # blur; 1 is 10 px
}

RADAR_RESPONSES: Mapping[str, Callable[[float], RadarResponse]] = {
    "blockage": _radar_blockage,  # 1 is 40 dB two-way: wet snow over the whole cover
    "interference": _radar_interference,  # 1 is a noise floor 30 dB up
    "misalignment": _radar_misalignment,  # 1 is 0.05 rad (2.9 degrees) to the left
}


_Response = TypeVar("_Response")


def _looked_up(table: Mapping[str, Callable[[float], _Response]], sensor: str, kind: str, severity: float) -> _Response:
    if kind not in table:
        known = ", ".join(sorted(table))
        raise NeedsPixels(f"{sensor}: no response is stated for fault kind '{kind}': needs pixels (stated: {known})")
    if not 0.0 <= severity <= 1.0:
        raise ValueError(f"{sensor}: severity {severity} of '{kind}' is outside [0, 1]")
    return table[kind](severity)


def camera_response(kind: str, severity: float) -> CameraResponse:
    """The camera's response to a fault kind; raises `NeedsPixels` where none is stated."""
    return _looked_up(RESPONSES, "camera", kind, severity)


def radar_response(kind: str, severity: float) -> RadarResponse:
    """The radar's response to a fault kind; raises `NeedsPixels` where none is stated."""
    return _looked_up(RADAR_RESPONSES, "radar", kind, severity)

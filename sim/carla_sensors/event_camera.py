"""CARLA's event camera (DVS): where and when the logarithm of brightness crossed a threshold.

Between its last two frames each pixel's brightness is taken to change evenly in the logarithm; every time
it has changed by a threshold since the last event it reports one, timed by interpolation (the principle of
Rebecq, Gehrig, Scaramuzza: ESIM, CoRL 2018). Events are 13 bytes: x, y (uint16), time (int64, ns of the
episode), polarity (uint8), in order of time. The first frame has none. Brightness is the coded grey level
(0 to 255) of a picture whose exposure is that of the first frame; with `use_log` it enters as
log(`log_eps` + grey / 255). Thresholds spread by their sigmas, per pixel and frame, by chance of the sensor.
"""
# ruff: noqa: ANN001, ANN202 - numba kernels carry no annotations

from math import log
from typing import Any, Final

import numpy as np
from numba import njit

from sim.carla_sensors.film import developed, metered_scale
from sim.carla_sensors.image import frame_of
from sim.carla_sensors.light_camera import LightCamera
from sim.carla_sensors.settings import Settings
from sim.episode.scene import Mounted, Scene
from sim.randomness import normal, stream_key

EVENT: Final = np.dtype([("x", "<u2"), ("y", "<u2"), ("at", "<i8"), ("on", "u1")])
LEAST_THRESHOLD: Final = 0.01  # own: below, one flash of light is millions of events
MOST_EVENTS: Final = 64  # of one pixel and frame: own


class EventCamera:
    """One event camera."""

    type_index = 3

    def __init__(self, settings: Settings, entity: int, seed: int) -> None:
        self._frame = frame_of(settings)
        self._camera = LightCamera(self._frame.lens, seed)
        self._entity, self._key = entity, stream_key(seed, "carla.dvs")
        self._up = max(settings.number("positive_threshold", 0.3, 0.0, 1e3), LEAST_THRESHOLD)
        self._down = max(settings.number("negative_threshold", 0.3, 0.0, 1e3), LEAST_THRESHOLD)
        self._up_sigma = settings.number("sigma_positive_threshold", 0.0, 0.0, 1e3)
        self._down_sigma = settings.number("sigma_negative_threshold", 0.0, 0.0, 1e3)
        self._rest_ns = settings.number("refractory_period_ns", 0.0, 0.0, 1e12)
        self._log = settings.flag("use_log", True)
        self._log_eps = settings.number("log_eps", 0.001, 1e-12, 1e3)
        self._gamma = settings.number("gamma", 2.2, 0.01, 100.0)
        self._scale: float | None = None
        self._level: Any = None  # the last frame's brightness
        self._reference: Any = None  # brightness at each pixel's last event
        self._last_ns: Any = None  # time of each pixel's last event
        self._at_ns = 0

    def sense(self, scene: Scene, mounted: Mounted) -> tuple[bytes, ...]:
        """The events since the last frame."""
        level = self._brightness(scene, mounted)
        if self._level is None:
            self._reference, self._last_ns = level.copy(), np.full(level.shape, -(2**62), dtype=np.int64)
            events = np.zeros(0, dtype=EVENT)
        else:
            events = self._events(level, scene.elapsed_ns)
        self._level, self._at_ns = level, scene.elapsed_ns
        return (self._frame.body(events),)

    def _brightness(self, scene: Scene, mounted: Mounted) -> Any:
        radiance = self._camera.draw(scene, mounted).radiance
        if self._scale is None:
            self._scale = metered_scale(radiance, 0.0)
        image = developed(radiance, self._scale, self._gamma, toned=True)
        level = np.empty(image.shape[:2])
        _grey(image, self._log_eps if self._log else -1.0, level)
        return level

    def _events(self, level: Any, now_ns: int) -> Any:
        most = 4 * level.size
        events = np.empty(most, dtype=EVENT)
        numbers = np.array([self._up, self._down, self._up_sigma, self._down_sigma, self._rest_ns])
        count = _cross(self._level, level, self._reference, self._last_ns, self._at_ns, now_ns, numbers, self._key,
                       np.uint64(self._entity), events)  # fmt: skip
        found = events[:count]
        return found[np.argsort(found["at"], kind="stable")]


@njit(cache=True, error_model="numpy")
def _grey(image, log_eps, level):  # type: ignore[no-untyped-def]
    """Luma (ITU-R BT.601-7) from 0 to 1, or its logarithm where `log_eps` is above 0."""
    for v in range(level.shape[0]):
        for u in range(level.shape[1]):
            grey = (0.114 * image[v, u, 0] + 0.587 * image[v, u, 1] + 0.299 * image[v, u, 2]) / 255.0
            level[v, u] = log(log_eps + grey) if log_eps > 0.0 else grey


@njit(cache=True, error_model="numpy")
def _cross(before, after, reference, last_ns, from_ns, now_ns, numbers, key, entity, events):  # type: ignore[no-untyped-def]
    """Fill `events` row by row and bring `reference` and `last_ns` up to date; returns how many there are."""
    height, width = after.shape
    span, count = np.float64(now_ns - from_ns), 0
    for v in range(height):
        for u in range(width):
            begin, end = np.float64(before[v, u]), np.float64(after[v, u])
            if end == begin:
                continue
            on = end > begin
            threshold, sigma = (numbers[0], numbers[2]) if on else (numbers[1], numbers[3])
            if sigma > 0.0:
                spread = normal(key, entity, np.uint64(now_ns), np.uint64(v * width + u))
                threshold = max(threshold + sigma * spread, LEAST_THRESHOLD)
            step = threshold if on else -threshold
            level = np.float64(reference[v, u])
            for _ in range(MOST_EVENTS):
                following = level + step
                if (on and following > end) or (not on and following < end) or count >= events.shape[0]:
                    break
                level = following
                if (on and following < begin) or (not on and following > begin):
                    continue
                at = from_ns + np.int64(span * (following - begin) / (end - begin))
                if np.float64(at - last_ns[v, u]) < numbers[4]:
                    continue
                last_ns[v, u] = at
                event = events[count]
                event["x"], event["y"], event["at"], event["on"] = u, v, at, on
                count += 1
            reference[v, u] = level
    return count

"""CARLA's RGB camera: the picture of the twin's renderer, exposed and coded.

Of CARLA's attributes these act: size and view, `gamma`, `exposure_mode` ("histogram": the picture meters
itself; "manual": `shutter_speed`, `iso` and `fstop` decide), `exposure_compensation` and
`enable_postprocess_effects` (without: no tone curve, bright parts are cut off). `NOT_USED` names the rest.
"""

from typing import Final

from sim.carla_sensors.film import developed, manual_scale, metered_scale
from sim.carla_sensors.image import frame_of
from sim.carla_sensors.light_camera import LightCamera
from sim.carla_sensors.settings import Settings
from sim.episode.scene import Mounted, Scene

# Attributes that are accepted and have no effect, and why.
NOT_USED: Final = {
    "lens_circle_falloff": "the lens is an ideal pinhole",
    "lens_circle_multiplier": "the lens is an ideal pinhole",
    "lens_k": "the lens is an ideal pinhole",
    "lens_kcube": "the lens is an ideal pinhole",
    "lens_x_size": "the lens is an ideal pinhole",
    "lens_y_size": "the lens is an ideal pinhole",
    "chromatic_aberration_intensity": "the lens is an ideal pinhole",
    "chromatic_aberration_offset": "the lens is an ideal pinhole",
    "focal_distance": "everything is in focus",
    "blur_amount": "everything is in focus",
    "blur_radius": "everything is in focus",
    "min_fstop": "everything is in focus",
    "blade_count": "everything is in focus",
    "motion_blur_intensity": "a picture is one instant",
    "motion_blur_max_distortion": "a picture is one instant",
    "motion_blur_min_object_screen_size": "a picture is one instant",
    "lens_flare_intensity": "glare follows from the weather alone",
    "bloom_intensity": "glare follows from the weather alone",
    "exposure_min_bright": "exposure follows the picture at once, within limits of its own",
    "exposure_max_bright": "exposure follows the picture at once, within limits of its own",
    "exposure_speed_up": "exposure follows the picture at once, within limits of its own",
    "exposure_speed_down": "exposure follows the picture at once, within limits of its own",
    "calibration_constant": "exposure follows the picture at once, within limits of its own",
    "slope": "the tone curve is fixed",
    "toe": "the tone curve is fixed",
    "shoulder": "the tone curve is fixed",
    "black_clip": "the tone curve is fixed",
    "white_clip": "the tone curve is fixed",
    "temp": "the white is that of daylight",
    "tint": "the white is that of daylight",
}


class RgbCamera:
    """One RGB camera."""

    type_index = 13

    def __init__(self, settings: Settings, seed: int) -> None:
        self._frame = frame_of(settings)
        self._camera = LightCamera(self._frame.lens, seed)
        self._gamma = settings.number("gamma", 2.2, 0.01, 100.0)
        self._toned = settings.flag("enable_postprocess_effects", True)
        self._stops = settings.number("exposure_compensation", 0.0, -30.0, 30.0)
        manual = settings.choice("exposure_mode", "histogram", ("histogram", "manual")) == "manual"
        shutter = settings.number("shutter_speed", 200.0, 1e-3, 1e7)
        iso, f_number = settings.number("iso", 100.0, 1e-3, 1e7), settings.number("fstop", 1.4, 0.05, 1e3)
        self._fixed = manual_scale(shutter, iso, f_number, self._stops) if manual else None

    def sense(self, scene: Scene, mounted: Mounted) -> tuple[bytes, ...]:
        """One picture."""
        radiance = self._camera.draw(scene, mounted).radiance
        scale = self._fixed if self._fixed is not None else metered_scale(radiance, self._stops)
        return (self._frame.body(developed(radiance, scale, self._gamma, toned=self._toned)),)

"""The `effect` of a fault file inside a camera, lidar, GNSS or inertial unit: one schema per kind, SI severities."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from faults import clouds, imager, lens, navigation
from faults.plan import LocatedFault
from faults.schema import Effect, NotNegative, Positive, Ratio

Camera = Annotated[str, Field(pattern="^([a-z][a-z0-9_]*)?$")]  # empty: every camera of the run
Count = Annotated[int, Field(ge=0, le=100_000)]
Angle = Annotated[float, Field(ge=-180.0, le=180.0)]
Share = Annotated[float, Field(gt=0.0, le=1.0)]


class CameraEffect(Effect):
    """What every effect inside a camera has. `camera` names one of several pixel cameras."""

    topic: Literal["camera"]
    camera: Camera = ""


class DirtEffect(CameraEffect):
    """Specks cover a share of the lens."""

    kind: Literal["dirt"]
    covered_ratio: Share
    size_ratio: Annotated[float, Field(gt=0.0, le=0.5)] = 0.02
    transmission_ratio: Ratio = 0.1

    def fault(self, name: str) -> LocatedFault:
        """The frozen fault of that name."""
        return lens.Dirt(
            name=name, camera=self.camera, covered_ratio=self.covered_ratio, size_ratio=self.size_ratio,
            transmission_ratio=self.transmission_ratio,
        )  # fmt: skip


class WaterDropsEffect(CameraEffect):
    """Drops cover a share of the window."""

    kind: Literal["water_drops"]
    covered_ratio: Share
    size_ratio: Annotated[float, Field(gt=0.0, le=0.5)] = 0.05

    def fault(self, name: str) -> LocatedFault:
        """The frozen fault of that name."""
        return lens.WaterDrops(
            name=name, camera=self.camera, covered_ratio=self.covered_ratio, size_ratio=self.size_ratio
        )


class FoggedLensEffect(CameraEffect):
    """Condensation takes a share of all contrast."""

    kind: Literal["fogged_lens"]
    contrast_lost_ratio: Share

    def fault(self, name: str) -> LocatedFault:
        """The frozen fault of that name."""
        return lens.FoggedLens(name=name, camera=self.camera, contrast_lost_ratio=self.contrast_lost_ratio)


class ScratchesEffect(CameraEffect):
    """So many scratches of a width."""

    kind: Literal["scratches"]
    count: Annotated[int, Field(ge=1, le=500)]
    width_px: Annotated[float, Field(gt=0.0, le=50.0)] = 1.5

    def fault(self, name: str) -> LocatedFault:
        """The frozen fault of that name."""
        return lens.Scratches(name=name, camera=self.camera, count=self.count, width_px=self.width_px)


class GlareEffect(CameraEffect):
    """A light of so many lx at the lens veils the picture."""

    kind: Literal["glare"]
    illuminance_lx: Positive
    bearing_deg: Angle = 0.0
    elevation_deg: Angle = 6.0

    def fault(self, name: str) -> LocatedFault:
        """The frozen fault of that name."""
        return lens.Glare(
            name=name, camera=self.camera, illuminance_lx=self.illuminance_lx, bearing_deg=self.bearing_deg,
            elevation_deg=self.elevation_deg,
        )  # fmt: skip


class FlareEffect(CameraEffect):
    """A light of so many lx at the lens is mirrored between its surfaces."""

    kind: Literal["flare"]
    illuminance_lx: Positive
    bearing_deg: Angle = 15.0
    elevation_deg: Angle = 12.0

    def fault(self, name: str) -> LocatedFault:
        """The frozen fault of that name."""
        return lens.Flare(
            name=name, camera=self.camera, illuminance_lx=self.illuminance_lx, bearing_deg=self.bearing_deg,
            elevation_deg=self.elevation_deg,
        )  # fmt: skip


class DefocusEffect(CameraEffect):
    """Focused on a distance instead of on infinity."""

    kind: Literal["defocus"]
    focus_m: Positive
    focal_mm: Annotated[float, Field(gt=0.0, le=1_000.0)] = 6.0
    f_number: Annotated[float, Field(ge=0.5, le=32.0)] = 1.6

    def fault(self, name: str) -> LocatedFault:
        """The frozen fault of that name."""
        return lens.Defocus(
            name=name, camera=self.camera, focus_m=self.focus_m, focal_mm=self.focal_mm, f_number=self.f_number
        )


class VibrationEffect(CameraEffect):
    """The bracket shakes by an angle at a frequency."""

    kind: Literal["vibration"]
    amplitude_deg: Annotated[float, Field(gt=0.0, le=10.0)]
    frequency_hz: Positive
    exposure_ms: Positive = 10.0

    def fault(self, name: str) -> LocatedFault:
        """The frozen fault of that name."""
        return lens.Vibration(
            name=name, camera=self.camera, amplitude_deg=self.amplitude_deg, frequency_hz=self.frequency_hz,
            exposure_ms=self.exposure_ms,
        )  # fmt: skip


class PixelDefectsEffect(CameraEffect):
    """Pixels, rows and columns that always read nothing or everything."""

    kind: Literal["pixel_defects"]
    dead_pixels: Count = 0
    hot_pixels: Count = 0
    dead_rows: Count = 0
    dead_columns: Count = 0

    @model_validator(mode="after")
    def _some(self) -> Self:
        if not (self.dead_pixels or self.hot_pixels or self.dead_rows or self.dead_columns):
            raise ValueError("give at least one of dead_pixels, hot_pixels, dead_rows, dead_columns")
        return self

    def fault(self, name: str) -> LocatedFault:
        """The frozen fault of that name."""
        return imager.PixelDefects(
            name=name, camera=self.camera, dead_pixels=self.dead_pixels, hot_pixels=self.hot_pixels,
            dead_rows=self.dead_rows, dead_columns=self.dead_columns,
        )  # fmt: skip


class BlankFramesEffect(CameraEffect):
    """Every frame is one flat level: 0 black, 1 white."""

    kind: Literal["blank_frames"]
    level_ratio: Ratio

    def fault(self, name: str) -> LocatedFault:
        """The frozen fault of that name."""
        return imager.BlankFrames(name=name, camera=self.camera, level_ratio=self.level_ratio)


class ExposureStepEffect(CameraEffect):
    """The exposure is off by stops."""

    kind: Literal["exposure_step"]
    stops: Annotated[float, Field(ge=-12.0, le=12.0)]

    def fault(self, name: str) -> LocatedFault:
        """The frozen fault of that name."""
        return imager.ExposureStep(name=name, camera=self.camera, stops=self.stops)


class GainHuntingEffect(CameraEffect):
    """The gain swings by decibels with a period."""

    kind: Literal["gain_hunting"]
    amplitude_db: Annotated[float, Field(gt=0.0, le=60.0)]
    period_s: Positive

    def fault(self, name: str) -> LocatedFault:
        """The frozen fault of that name."""
        return imager.GainHunting(name=name, camera=self.camera, amplitude_db=self.amplitude_db, period_s=self.period_s)


class BandingEffect(CameraEffect):
    """Pulsed light makes bands."""

    kind: Literal["banding"]
    frequency_hz: Positive
    depth_ratio: Share
    row_time_us: Positive = 30.0
    exposure_ms: Positive = 2.0

    def fault(self, name: str) -> LocatedFault:
        """The frozen fault of that name."""
        return imager.Banding(
            name=name, camera=self.camera, frequency_hz=self.frequency_hz, depth_ratio=self.depth_ratio,
            row_time_us=self.row_time_us, exposure_ms=self.exposure_ms,
        )  # fmt: skip


class WhiteBalanceEffect(CameraEffect):
    """Red and blue are amplified wrongly."""

    kind: Literal["white_balance"]
    red_factor: Annotated[float, Field(ge=0.0, le=10.0)] = 1.0
    blue_factor: Annotated[float, Field(ge=0.0, le=10.0)] = 1.0

    def fault(self, name: str) -> LocatedFault:
        """The frozen fault of that name."""
        return imager.WhiteBalance(
            name=name, camera=self.camera, red_factor=self.red_factor, blue_factor=self.blue_factor
        )


class ColourSwapEffect(CameraEffect):
    """The channels come in another order."""

    kind: Literal["colour_swap"]
    order: Literal["bgr", "grb", "rbg", "brg", "gbr"]

    def fault(self, name: str) -> LocatedFault:
        """The frozen fault of that name."""
        return imager.ColourSwap(name=name, camera=self.camera, order=self.order)


class BitDepthEffect(CameraEffect):
    """Only the upper bits arrive."""

    kind: Literal["bit_depth"]
    bits: Annotated[int, Field(ge=1, le=7)]

    def fault(self, name: str) -> LocatedFault:
        """The frozen fault of that name."""
        return imager.BitDepth(name=name, camera=self.camera, bits=self.bits)


class JpegEffect(CameraEffect):
    """Compressed too hard."""

    kind: Literal["jpeg"]
    quality: Annotated[int, Field(ge=1, le=100)]

    def fault(self, name: str) -> LocatedFault:
        """The frozen fault of that name."""
        return imager.JpegLoss(name=name, camera=self.camera, quality=self.quality)


class MirroredEffect(CameraEffect):
    """Left and right are exchanged."""

    kind: Literal["mirrored"]

    def fault(self, name: str) -> LocatedFault:
        """The frozen fault of that name."""
        return imager.Mirrored(name=name, camera=self.camera)


class BitErrorsEffect(CameraEffect):
    """Bits flip on the line."""

    kind: Literal["bit_errors"]
    bit_error_ratio: Annotated[float, Field(gt=0.0, le=0.01)]

    def fault(self, name: str) -> LocatedFault:
        """The frozen fault of that name."""
        return imager.BitErrors(name=name, camera=self.camera, bit_error_ratio=self.bit_error_ratio)


class MisMountEffect(CameraEffect):
    """The camera is turned, at once or by and by."""

    kind: Literal["mis_mount"]
    yaw_deg: Angle = 0.0
    pitch_deg: Angle = 0.0
    roll_deg: Angle = 0.0
    within_s: NotNegative = 0.0

    @model_validator(mode="after")
    def _turned(self) -> Self:
        if self.yaw_deg == self.pitch_deg == self.roll_deg == 0.0:
            raise ValueError("give at least one of yaw_deg, pitch_deg, roll_deg")
        return self

    def fault(self, name: str) -> LocatedFault:
        """The frozen fault of that name."""
        return imager.MisMount(
            name=name, camera=self.camera, yaw_deg=self.yaw_deg, pitch_deg=self.pitch_deg, roll_deg=self.roll_deg,
            within_s=self.within_s,
        )  # fmt: skip


class LidarEffect(Effect):
    """What every effect inside a lidar has. `lidar` names one of several."""

    topic: Literal["lidar"]
    lidar: Camera = ""


class SectorBlockEffect(LidarEffect):
    """A sector is covered."""

    kind: Literal["sector_block"]
    from_deg: Angle
    to_deg: Angle

    def fault(self, name: str) -> LocatedFault:
        """The frozen fault of that name."""
        return clouds.SectorBlock(name=name, lidar=self.lidar, from_deg=self.from_deg, to_deg=self.to_deg)


class PointLossEffect(LidarEffect):
    """Points are missing."""

    kind: Literal["point_loss"]
    loss_ratio: Share

    def fault(self, name: str) -> LocatedFault:
        """The frozen fault of that name."""
        return clouds.PointLoss(name=name, lidar=self.lidar, loss_ratio=self.loss_ratio)


class CloudGhostEffect(LidarEffect):
    """A cluster of points of nothing."""

    kind: Literal["cloud_ghost"]
    x_m: float
    y_m: float = 0.0
    width_m: Positive = 1.8
    height_m: Positive = 1.2
    points_per_scan: Annotated[int, Field(ge=1, le=10_000)] = 80

    def fault(self, name: str) -> LocatedFault:
        """The frozen fault of that name."""
        return clouds.CloudGhost(
            name=name, lidar=self.lidar, x_m=self.x_m, y_m=self.y_m, width_m=self.width_m, height_m=self.height_m,
            points_per_scan=self.points_per_scan,
        )  # fmt: skip


class CrosstalkEffect(LidarEffect):
    """Another lidar's pulses."""

    kind: Literal["crosstalk"]
    points_per_scan: Annotated[int, Field(ge=1, le=100_000)]
    range_m: Positive = 100.0

    def fault(self, name: str) -> LocatedFault:
        """The frozen fault of that name."""
        return clouds.Crosstalk(name=name, lidar=self.lidar, points_per_scan=self.points_per_scan, range_m=self.range_m)


class RadarMissesEffect(Effect):
    """Detections are missing."""

    kind: Literal["missed"]
    topic: Literal["radar"]
    missed_ratio: Share

    def fault(self, name: str) -> LocatedFault:
        """The frozen fault of that name."""
        return navigation.RadarMisses(name=name, missed_ratio=self.missed_ratio)


class GnssJumpEffect(Effect):
    """The position jumps."""

    kind: Literal["jump"]
    topic: Literal["gnss"]
    east_m: float = 0.0
    north_m: float = 0.0

    def fault(self, name: str) -> LocatedFault:
        """The frozen fault of that name."""
        return navigation.GnssJump(name=name, east_m=self.east_m, north_m=self.north_m)


class GnssOutageEffect(Effect):
    """No fix."""

    kind: Literal["outage"]
    topic: Literal["gnss"]

    def fault(self, name: str) -> LocatedFault:
        """The frozen fault of that name."""
        return navigation.GnssOutage(name=name)


class GnssSpoofEffect(Effect):
    """The position is carried away."""

    kind: Literal["spoof"]
    topic: Literal["gnss"]
    east_mps: float = 0.0
    north_mps: float = 0.0

    def fault(self, name: str) -> LocatedFault:
        """The frozen fault of that name."""
        return navigation.GnssSpoof(name=name, east_mps=self.east_mps, north_mps=self.north_mps)


class BiasJumpEffect(Effect):
    """A bias of the inertial unit jumps."""

    kind: Literal["bias_jump"]
    topic: Literal["inertial"]
    force_x_mps2: float = 0.0
    force_y_mps2: float = 0.0
    force_z_mps2: float = 0.0
    rate_z_radps: float = 0.0

    def fault(self, name: str) -> LocatedFault:
        """The frozen fault of that name."""
        return navigation.InertialBias(
            name=name, force_x_mps2=self.force_x_mps2, force_y_mps2=self.force_y_mps2,
            force_z_mps2=self.force_z_mps2, rate_z_radps=self.rate_z_radps,
        )  # fmt: skip


CAMERA_EFFECTS = (
    DirtEffect, WaterDropsEffect, FoggedLensEffect, ScratchesEffect, GlareEffect, FlareEffect, DefocusEffect,
    VibrationEffect, PixelDefectsEffect, BlankFramesEffect, ExposureStepEffect, GainHuntingEffect, BandingEffect,
    WhiteBalanceEffect, ColourSwapEffect, BitDepthEffect, JpegEffect, MirroredEffect, BitErrorsEffect, MisMountEffect,
)  # fmt: skip

"""What goes wrong in the imager and behind it: pixels, rows, exposure, colours, bits, and the mount.

Values of images are 8-bit, rows from the top. What depends on light falls on radiance; what depends on
electronics on the digitised image; what depends on the line on the coded bytes.
"""

from dataclasses import dataclass, replace
from functools import lru_cache
from math import pi, radians, sin

import cv2
import numpy as np
from numpy.typing import NDArray

from faults.bias import CameraBias
from faults.chance import Chance
from faults.pictures import Frame, Image, PictureFault
from sim.attachments import Exposing, Sensor, Window
from sim.camera.picture import Picture
from sim.mount import Mount
from sim.sensors import CameraResponse, camera_response
from stack.vocabulary import s_from_ns, topics

FULL = 255
CHANNELS = "rgb"
Rows = NDArray[np.int64]
Places = tuple[Rows, Rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class PixelDefects(PictureFault):
    """Pixels, rows and columns that always read nothing (dead) or everything (hot)."""

    dead_pixels: int = 0
    hot_pixels: int = 0
    dead_rows: int = 0
    dead_columns: int = 0

    def digitised(self, image: Image, frame: Frame) -> Image:
        """The image with its defects."""
        marked = image.copy()
        dead, hot, rows, columns = _defects((image.shape[0], image.shape[1]), frame.chance, self)
        marked[dead] = 0
        marked[hot] = FULL
        marked[rows] = 0
        marked[:, columns] = 0
        return marked


@lru_cache(maxsize=8)
def _defects(shape: tuple[int, int], chance: Chance, fault: PixelDefects) -> tuple[Places, Places, Rows, Rows]:
    """Where they are: the same places in every frame of a run."""
    height, width = shape

    def drawn(count: int, most: int, block: int) -> Rows:
        return np.array([chance.pick(index, most, block) for index in range(count)], dtype=np.int64)

    dead = drawn(fault.dead_pixels, height, 1), drawn(fault.dead_pixels, width, 2)
    hot = drawn(fault.hot_pixels, height, 3), drawn(fault.hot_pixels, width, 4)
    return dead, hot, drawn(fault.dead_rows, height, 5), drawn(fault.dead_columns, width, 6)


@dataclass(frozen=True, slots=True, kw_only=True)
class BlankFrames(PictureFault):
    """Every frame is one flat level: 0 is black, 1 white."""

    level_ratio: float

    def response(self) -> CameraResponse:
        """A camera that shows nothing."""
        return camera_response("blockage", 1.0)

    def digitised(self, image: Image, frame: Frame) -> Image:
        """A flat image."""
        return np.full_like(image, round(self.level_ratio * FULL))


@dataclass(frozen=True, slots=True, kw_only=True)
class ExposureStep(PictureFault):
    """The exposure is off by so many stops (each doubles or halves the light); the control does not know."""

    stops: float

    def exposing(self, exposing: Exposing, frame: Frame) -> Exposing:
        """Longer or shorter."""
        return replace(exposing, exposure_s=exposing.exposure_s * 2.0**self.stops)


@dataclass(frozen=True, slots=True, kw_only=True)
class GainHunting(PictureFault):
    """The gain swings to and fro."""

    amplitude_db: float
    period_s: float

    def exposing(self, exposing: Exposing, frame: Frame) -> Exposing:
        """More or less gain, by where in the swing this frame lies."""
        swing_db = self.amplitude_db * sin(2.0 * pi * frame.since_s / self.period_s)
        return replace(exposing, gain_db=exposing.gain_db + swing_db)


@dataclass(frozen=True, slots=True, kw_only=True)
class Banding(PictureFault):
    """Pulsed light seen by a rolling shutter: bands that roll through the picture.

    A row's light is 1 + depth * sinc(frequency * exposure) * sin(2 pi frequency t) at its own instant t.
    """

    frequency_hz: float  # of the light: twice the mains for lamps
    depth_ratio: float
    row_time_us: float = 30.0
    exposure_ms: float = 2.0

    def seen(self, picture: Picture, frame: Frame) -> Picture:
        """Row by row brighter and darker."""
        height = picture.depth_m.shape[0]
        left_ratio = float(np.sinc(self.frequency_hz * 1e-3 * self.exposure_ms))
        instants_s = s_from_ns(frame.slot) + (np.arange(height) - 0.5 * height) * 1e-6 * self.row_time_us
        rows = 1.0 + self.depth_ratio * left_ratio * np.sin(2.0 * pi * self.frequency_hz * instants_s)
        return replace(picture, radiance=picture.radiance * rows.astype(np.float32)[:, None, None])


@dataclass(frozen=True, slots=True, kw_only=True)
class WhiteBalance(PictureFault):
    """Red and blue are amplified by wrong factors."""

    red_factor: float = 1.0
    blue_factor: float = 1.0

    def digitised(self, image: Image, frame: Frame) -> Image:
        """Tinted."""
        factors = np.array([self.red_factor, 1.0, self.blue_factor])
        return np.asarray(np.clip(np.rint(image * factors), 0, FULL), dtype=np.uint8)


@dataclass(frozen=True, slots=True, kw_only=True)
class ColourSwap(PictureFault):
    """The colour channels come in another order, say "bgr"."""

    order: str

    def digitised(self, image: Image, frame: Frame) -> Image:
        """With the channels exchanged."""
        return np.ascontiguousarray(image[..., [CHANNELS.index(channel) for channel in self.order]])


@dataclass(frozen=True, slots=True, kw_only=True)
class BitDepth(PictureFault):
    """Only the upper bits of each value arrive."""

    bits: int

    def digitised(self, image: Image, frame: Frame) -> Image:
        """With the lower bits zero."""
        mask = (FULL << (8 - self.bits)) & FULL
        return np.asarray(image & np.uint8(mask))


@dataclass(frozen=True, slots=True, kw_only=True)
class JpegLoss(PictureFault):
    """The image was compressed too hard on its way: JPEG of this quality (1 to 100), decoded again."""

    quality: int

    def digitised(self, image: Image, frame: Frame) -> Image:
        """With its blocks."""
        settings = [cv2.IMWRITE_JPEG_QUALITY, self.quality]
        fine, packed = cv2.imencode(".jpg", np.ascontiguousarray(image[..., ::-1]), settings)
        again = cv2.imdecode(packed, cv2.IMREAD_COLOR) if fine else None
        if again is None:
            return image
        return np.ascontiguousarray(again[..., ::-1], dtype=np.uint8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mirrored(PictureFault):
    """Left and right are exchanged."""

    def digitised(self, image: Image, frame: Frame) -> Image:
        """The mirror image."""
        return np.ascontiguousarray(image[:, ::-1])


@dataclass(frozen=True, slots=True, kw_only=True)
class BitErrors(PictureFault):
    """Bits of the coded frame flip on the line, each with this probability, drawn frame by frame."""

    bit_error_ratio: float

    def coded(self, data: bytes, frame: Frame) -> bytes:
        """With its errors: the expected number of flips, the odd one by chance, at drawn places."""
        expected = self.bit_error_ratio * 8 * len(data)
        flips = int(expected) + (frame.chance.share(frame.slot, 0) < expected % 1.0)
        if flips == 0:
            return data
        spoilt = bytearray(data)
        for index in range(flips):
            bit = frame.chance.pick(frame.slot, 8 * len(data), 1 + index)
            spoilt[bit >> 3] ^= 1 << (bit & 7)
        return bytes(spoilt)


@dataclass(frozen=True, slots=True, kw_only=True)
class MisMount(PictureFault):
    """The camera looks in another direction than it is believed to, from the onset on or by and by.

    An object list turns with a yaw that is there at once; what tilts or creeps needs pixels.
    """

    yaw_deg: float = 0.0
    pitch_deg: float = 0.0
    roll_deg: float = 0.0
    within_s: float = 0.0  # 0: at once; else the turn grows evenly over this time

    def mounted(self, mount: Mount, frame: Frame) -> Mount:
        """Turned, as far as it has turned by now."""
        share = 1.0 if self.within_s <= 0.0 else min(frame.since_s / self.within_s, 1.0)
        return replace(
            mount,
            yaw_rad=mount.yaw_rad + share * radians(self.yaw_deg),
            pitch_rad=mount.pitch_rad + share * radians(self.pitch_deg),
            roll_rad=mount.roll_rad + share * radians(self.roll_deg),
        )

    def wrap_sensor(self, topic: str, sensor: Sensor, window: Window, seed: int) -> Sensor:
        """A turned camera; its object list turns by the yaw."""
        if topic == topics.CAMERA and not self.camera and self.yaw_deg != 0.0 and self.within_s <= 0.0:
            turned_rad = -radians(self.yaw_deg)
            listed = CameraBias(name=self.name, azimuth_bias_rad=turned_rad, distance_scale_ratio=1.0)
            return listed.around(sensor, window)
        return PictureFault.wrap_sensor(self, topic, sensor, window, seed)

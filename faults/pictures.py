"""What all faults of a pixel camera share: an imaging around another, and what the object list makes of them.

A fault says in pure functions what becomes of one step of one frame; a step it does not touch it hands
back as it came, the very same object, which is how an altered frame is told from a clean one. On the
object-list camera the same fault acts through its response; one without a response needs pixels.
"""

from dataclasses import dataclass
from typing import TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from faults.blockage import SpoiltSensor, list_sensor
from faults.chance import Chance, chance_of
from faults.untouched import Untouched
from sim.attachments import Exposing, Imaging, ImagingSensor, Sensor, Window
from sim.camera.picture import Picture
from sim.mount import Mount
from sim.sensors import CameraResponse, NeedsPixels
from stack.vocabulary import SimNs, s_from_ns, topics
from stack.vocabulary.topics import kind_of

Image = NDArray[np.uint8]
Light = NDArray[np.float32]
_Step = TypeVar("_Step")


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """Which frame a step is asked about: its slot, the time since the fault's onset, and the fault's chance."""

    slot: SimNs
    since_s: float
    chance: Chance


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureFault(Untouched):
    """A fault inside a camera. `camera` empty: every camera of the run; else the one of that name."""

    camera: str = ""

    @property
    def points(self) -> tuple[str, ...]:
        """The cameras it sits in."""
        return (f"sensor:{topics.CAMERA}", f"sensor:{topics.CAMERA_IMAGE}")

    def response(self) -> CameraResponse | None:
        """What the object list of a camera with this fault looks like; None: nobody has said."""
        return None

    def mounted(self, mount: Mount, frame: Frame) -> Mount:
        """Where the camera looks from."""
        return mount

    def seen(self, picture: Picture, frame: Frame) -> Picture:
        """What the lens lets through."""
        return picture

    def exposing(self, exposing: Exposing, frame: Frame) -> Exposing:
        """How the frame is exposed."""
        return exposing

    def digitised(self, image: Image, frame: Frame) -> Image:
        """The image after read-out."""
        return image

    def coded(self, data: bytes, frame: Frame) -> bytes:
        """The bytes that leave the camera."""
        return data

    def wrap_sensor(self, topic: str, sensor: Sensor, window: Window, seed: int) -> Sensor:
        """The camera with this fault in it; raises `NeedsPixels` for an object list nobody has a response for."""
        if kind_of(topic) == topics.CAMERA_IMAGE:
            if self.camera not in ("", topic.partition("/")[2]):
                return sensor
            chance = chance_of(seed, self.name, topic)
            pixels = cast(ImagingSensor, sensor)
            return pixels.with_imaging(lambda inner: FaultyImaging(inner, window, self, chance))
        if topic == topics.CAMERA and not self.camera:
            response = self.response()
            if response is None:
                raise NeedsPixels(f"{self.name}: no response of the object list is stated for this fault: needs pixels")
            return SpoiltSensor(list_sensor(sensor, self.name), window, response)
        return sensor


class FaultyImaging:
    """An imaging with a fault in it. Every frame that any step altered is counted once."""

    def __init__(self, inner: Imaging, window: Window, fault: PictureFault, chance: Chance) -> None:
        self.inner = inner
        self.window = window
        self.fault = fault
        self.chance = chance
        self._counted_at = SimNs(-1)

    def mounted(self, mount: Mount, slot: SimNs) -> Mount:
        """As the inner imaging, then the fault's part."""
        given = self.inner.mounted(mount, slot)
        frame = self._frame(slot)
        return given if frame is None else self._noted(given, self.fault.mounted(given, frame), slot)

    def seen(self, picture: Picture, slot: SimNs) -> Picture:
        """As the inner imaging, then the fault's part."""
        given = self.inner.seen(picture, slot)
        frame = self._frame(slot)
        return given if frame is None else self._noted(given, self.fault.seen(given, frame), slot)

    def exposing(self, exposing: Exposing, slot: SimNs) -> Exposing:
        """As the inner imaging, then the fault's part."""
        given = self.inner.exposing(exposing, slot)
        frame = self._frame(slot)
        return given if frame is None else self._noted(given, self.fault.exposing(given, frame), slot)

    def digitised(self, image: Image, slot: SimNs) -> Image:
        """As the inner imaging, then the fault's part."""
        given = self.inner.digitised(image, slot)
        frame = self._frame(slot)
        return given if frame is None else self._noted(given, self.fault.digitised(given, frame), slot)

    def coded(self, data: bytes, slot: SimNs) -> bytes:
        """As the inner imaging, then the fault's part."""
        given = self.inner.coded(data, slot)
        frame = self._frame(slot)
        return given if frame is None else self._noted(given, self.fault.coded(given, frame), slot)

    def _frame(self, slot: SimNs) -> Frame | None:
        if not self.window.active(slot):
            return None
        return Frame(slot=slot, since_s=s_from_ns(slot - self.window.opens_at), chance=self.chance)

    def _noted(self, given: _Step, altered: _Step, slot: SimNs) -> _Step:
        if altered is not given and slot != self._counted_at:
            self._counted_at = slot
            self.window.note_effect(slot)
        return altered

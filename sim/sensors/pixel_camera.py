"""Pixel camera: a `CameraImage` from truth and scenery, step by step as light becomes bytes.

Mount, viewpoint, drawing, exposure, noise, coding; between them the camera's `Imaging` lets faults in.
`latest` keeps what really was in front of the lens beside the image, for labels, recording and
watching; the stack never gets it. The rows are read one after the other about the slot (the
exposure's midpoint): row v is true at slot + (v / rows - 1/2) of the read-out.
"""

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sim.attachments import ClearImaging, Exposing, Imaging
from sim.camera.coding import coded, colours, mosaic
from sim.camera.exposure import ExposureControl
from sim.camera.imager import Imager
from sim.camera.parameters import PixelCameraParameters, checked_camera
from sim.camera.picture import Picture
from sim.camera.renderer import Renderer
from sim.mount import Mount
from sim.scenery.scene import Moment, Scenery
from sim.scenery.viewpoint import Viewpoint, viewpoint
from sim.sensors.mounts import CAMERA_MOUNT
from sim.truth import EGO, Conditions, Roster, TruthFrame
from stack.vocabulary import CameraImage, MachineryError, SimNs


class PictureSource(Protocol):
    """Whoever draws pictures: `sim.camera.renderer.Renderer`, or a test's own."""

    def draw(
        self, moment: Moment, conditions: Conditions, at: SimNs, eye: Viewpoint, *, readout_s: float, seed: int
    ) -> Picture:
        """What reaches the lens at `at`, with the rows read over `readout_s` about it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shot:
    """One frame and the truth beside it. `picture` is what was there, before any fault; `image` RGB as it left.

    `mount` is where the camera really looked from, `exposing` how the frame really was exposed.
    """

    slot: SimNs
    picture: Picture
    image: NDArray[np.uint8]
    exposing: Exposing
    mount: Mount
    eye: Viewpoint
    moment: Moment


class PixelCamera:
    """One camera. `name` is its stream of chance: two cameras of unlike names have unlike noise."""

    def __init__(
        self,
        seed: int,
        roster: Roster,
        parameters: PixelCameraParameters | None = None,
        mount: Mount = CAMERA_MOUNT,
        name: str = "camera_image",
        *,
        scenery: Scenery,
        source: PictureSource | None = None,
    ) -> None:
        self._p = checked_camera(parameters or PixelCameraParameters(), name)
        self._seed, self._name, self._mount, self._scenery = seed, name, mount, scenery
        self._rows = len(roster.names)
        self._half_length_m = 0.5 * float(roster.size_m[EGO, 0])
        self._imaging: Imaging = ClearImaging()
        self._imager = Imager(seed, name, self._p.lens, self._p.imager, mosaic=self._p.mosaic)
        self._control = ExposureControl(self._p.exposure, self._p.imager)
        self._source = source or Renderer(scenery, self._p.lens, antialias=self._p.antialias)
        self._latest: Shot | None = None

    @property
    def name(self) -> str:
        """The camera's name."""
        return self._name

    @property
    def parameters(self) -> PixelCameraParameters:
        """What the camera can do."""
        return self._p

    @property
    def latest(self) -> Shot | None:
        """The last frame with its truth; None before the first."""
        return self._latest

    def with_imaging(self, wrap: Callable[[Imaging], Imaging]) -> "PixelCamera":
        """The same camera with its imaging wrapped; this one is not used any more."""
        wrapped = copy(self)
        wrapped._imaging = wrap(self._imaging)
        return wrapped

    def sense(self, frame: TruthFrame, slot: SimNs) -> CameraImage:
        """The frame of `slot`. Asked again for the same truth and slot it gives the same bytes."""
        if frame.state.shape[0] != self._rows:
            raise MachineryError(f"{self._name}: {frame.state.shape[0]} actors in the truth, {self._rows} known")
        mount = self._imaging.mounted(self._mount, slot)
        moment = self._scenery.moment(frame)
        eye = viewpoint(moment, mount, self._half_length_m)
        picture = self._source.draw(moment, frame.conditions, slot, eye, readout_s=self._p.readout_s, seed=self._seed)
        seen = self._imaging.seen(picture, slot)
        image, exposing = self._exposed(seen, slot, (moment, eye))
        image = self._imaging.digitised(image, slot)
        data = self._imaging.coded(coded(image, self._p.coding, self._p.jpeg_quality), slot)
        self._latest = Shot(
            slot=slot, picture=picture, image=image, exposing=exposing, mount=mount, eye=eye, moment=moment
        )
        return CameraImage(
            width_px=self._p.lens.width_px,
            height_px=self._p.lens.height_px,
            coding=self._p.coding,
            data=data,
            exposure_s=exposing.exposure_s,
            gain_db=exposing.gain_db,
        )

    def _exposed(
        self, seen: Picture, slot: SimNs, motion: tuple[Moment, Viewpoint]
    ) -> tuple[NDArray[np.uint8], Exposing]:
        """The digitised image and how it was exposed; the control takes its metering from it."""
        light = self._imager.metered(seen)
        exposure_s, gain_db = self._control.exposing(slot, light)
        exposing = self._imaging.exposing(Exposing(exposure_s=exposure_s, gain_db=gain_db), slot)
        self._control.metered(slot, light, exposing.exposure_s, exposing.gain_db)
        image = self._imager.develop(
            seen, light, slot, exposing.exposure_s, exposing.gain_db, motion if self._p.blurs else None
        )
        if self._p.mosaic:
            image = colours(mosaic(image))
        return image, exposing

"""Pictures of any moment of a run, drawn from its truth: through the dash camera, or from behind the vehicle."""

from dataclasses import dataclass, replace
from math import radians
from typing import Any

import numpy as np
from numpy.typing import NDArray

from faults.plan import FaultPlan
from scenarios.assembly import PreparedRun
from sim.attachments import NEVER, Sensor, Window
from sim.camera.coding import decoded
from sim.camera.lens import Lens
from sim.camera.parameters import PixelCameraParameters
from sim.camera.picture import Picture
from sim.camera.renderer import Renderer
from sim.mount import Mount
from sim.recording import RunRecord
from sim.scenery.scene import Moment, Scenery
from sim.scenery.viewpoint import Viewpoint
from sim.sensors.mounts import CAMERA_MOUNT
from sim.sensors.pixel_camera import PixelCamera, Shot
from sim.truth import Conditions, TruthFrame
from stack.vocabulary import Finding, ImageCoding, InputError, SimNs, topics

# Where one can look from: as the dash camera does, or from behind and above like a following drone.
VIEWS = ("dash", "chase")
CHASE = Mount(x_m=-24.0, y_m=0.0, z_m=8.0, yaw_rad=0.0, pitch_rad=radians(13.0))
FRAME_NS = 50_000_000  # of a camera at 20 Hz
SETTLING_FRAMES = 3  # before a single picture: a new exposure acts two frames after it was metered


class _FromOutside:
    """A renderer that also shows the vehicle it rides on."""

    def __init__(self, renderer: Renderer) -> None:
        self._renderer = renderer

    def draw(
        self, moment: Moment, conditions: Conditions, at: SimNs, eye: Viewpoint, *, readout_s: float, seed: int
    ) -> Picture:
        """The picture with nobody hidden."""
        return self._renderer.draw(moment, conditions, at, replace(eye, hidden_row=-1), readout_s=readout_s, seed=seed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Looking:
    """A camera to look through: where it sits and what it can do."""

    mount: Mount
    parameters: PixelCameraParameters


def scaled(lens: Lens, width_px: int, height_px: int) -> Lens:
    """The same lens in front of another number of pixels: the angle of view across stays, and the centre of sight."""
    share = width_px / lens.width_px
    return replace(
        lens,
        width_px=width_px,
        height_px=height_px,
        focal_x_px=lens.focal_x_px * share,
        focal_y_px=lens.focal_y_px * share,
        centre_x_px=lens.centre_x_px * share,
        centre_y_px=0.5 * height_px + (lens.centre_y_px - 0.5 * lens.height_px) * share,
    )


def at_size(parameters: PixelCameraParameters, size_px: tuple[int, int]) -> PixelCameraParameters:
    """A camera's parameters for a picture of another size; plain colours, for what is looked at by people."""
    share = size_px[0] / parameters.lens.width_px
    bloom_px = min(max(parameters.imager.bloom_px * share, 4.0), 200.0)
    return replace(
        parameters, lens=scaled(parameters.lens, *size_px), imager=replace(parameters.imager, bloom_px=bloom_px),
        mosaic=False, coding=ImageCoding.RGB8,
    )  # fmt: skip


def looking(prepared: PreparedRun, view: str, size_px: tuple[int, int]) -> Looking:
    """The run's own first camera, or the default one if it has none; or one that follows behind."""
    own = next((raw for raw in prepared.rig if raw.topic == topics.CAMERA_IMAGE), None)
    if view == "chase" or own is None:
        mount = CHASE if view == "chase" else CAMERA_MOUNT
        return Looking(mount=mount, parameters=at_size(PixelCameraParameters(), size_px))
    return Looking(mount=own.mount or CAMERA_MOUNT, parameters=at_size(own.parameters, size_px))


class Theatre:
    """Draws a finished run. Ask for instants in rising order: exposure and faults follow what was before."""

    def __init__(
        self,
        prepared: PreparedRun,
        record: RunRecord,
        *,
        view: str = "dash",
        size_px: tuple[int, int] = (1280, 720),
        beside: "Theatre | None" = None,
        faults: bool = True,
    ) -> None:
        """`beside` is one of the same run, view and size: scenery and renderer are made once for both."""
        if view not in VIEWS:
            problem = f"no such view; there are {', '.join(VIEWS)}"
            raise InputError((Finding(where="--view", field=view, problem=problem),))
        self.prepared = prepared
        self.record = record
        self.scenery: Scenery = beside.scenery if beside is not None else prepared.scenery(record.roster)
        seen = looking(prepared, view, size_px)
        self.lens = seen.parameters.lens
        self._renderer: Renderer = beside._renderer if beside is not None else Renderer(self.scenery, self.lens)
        camera = PixelCamera(
            prepared.request.seed, record.roster, seen.parameters, seen.mount, "watch",
            scenery=self.scenery, source=self._renderer if view == "dash" else _FromOutside(self._renderer),
        )  # fmt: skip
        spoilt = faults and view == "dash"
        self._camera: Any = with_faults(camera, prepared.plan, record, prepared.request.seed) if spoilt else camera

    def frame(self, at: SimNs) -> TruthFrame:
        """The truth of the last grid instant at or before `at`."""
        record = self.record
        row = int(np.clip(np.searchsorted(record.truth_at, at, side="right") - 1, 0, len(record.truth_at) - 1))
        return TruthFrame(
            at=SimNs(int(record.truth_at[row])), roster=record.roster, conditions=record.conditions,
            state=record.truth[row],
        )  # fmt: skip

    def shot(self, at: SimNs) -> Shot:
        """The picture of an instant as it left the camera, with the truth beside it."""
        frame = self.frame(at)
        sent = self._camera.sense(frame, frame.at)
        shot: Shot | None = self._camera.latest
        if shot is None:
            raise ValueError("a camera that has sensed has a latest shot")
        image = decoded(sent)
        return replace(shot, image=np.zeros_like(shot.image) if image is None else image)

    def settled(self, at: SimNs) -> Shot:
        """A single picture: the camera looks at a few frames before it, so that its exposure fits the scene."""
        for back in range(SETTLING_FRAMES, 0, -1):
            if at - back * FRAME_NS >= 0:
                frame = self.frame(SimNs(at - back * FRAME_NS))
                self._camera.sense(frame, frame.at)
        return self.shot(at)

    def image(self, at: SimNs) -> NDArray[np.uint8]:
        """The picture of an instant, (h, w, 3) RGB."""
        return self.shot(at).image


def with_faults(camera: Sensor, plan: FaultPlan, record: RunRecord, seed: int) -> Sensor:
    """The camera with the run's imaging faults in it, in the windows in which they acted."""
    windows = []
    for planned in plan.faults:
        window = Window(planned.name, planned.duration_ns)
        account = next((one for one in record.faults if one.name == planned.name), None)
        if account is not None and account.opened_at < NEVER:
            window.opens_at, window.closes_at = account.opened_at, account.closed_at
        windows.append(window)
    return plan.wrap_sensor(topics.CAMERA_IMAGE, camera, tuple(windows), seed, {})

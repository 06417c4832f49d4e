"""Object-list camera: `CameraView` from truth, in the ego frame, without an image in between.

Errors are stated, cited where a figure is public, and correlated in time. The lane comes from the
ego's place on its route; its heading is not in the truth's columns and is reported as noise about 0.
"""

from dataclasses import dataclass
from math import exp, radians

import numpy as np

from sim.randomness import entity_id, stream_key
from sim.sensors.appearances import APPEARANCES, CLASSES
from sim.sensors.camera_sightings import NOISE_PROCESSES, OBJECT_COLUMNS, CameraKit, lane, look
from sim.sensors.correlated import SlotClock, unit_noise
from sim.sensors.geometry import SCENE_COLUMNS
from sim.sensors.mounts import CAMERA_MOUNT, Mount
from sim.sensors.packing import packed
from sim.sensors.responses import CLEAR_CAMERA, CameraResponse
from sim.truth import EGO, PATH_CURVATURE, PATH_OFFSET, ActorKind, Conditions, Roster, TruthFrame
from stack.vocabulary import CameraObject, CameraView, LaneView, MachineryError, SimNs
from stack.vocabulary.construction import maker


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraParameters:
    """What one camera and its detector can do. Sigmas are one standard deviation."""

    focal_px: float = 1200.0
    half_fov_rad: float = radians(30.0)
    most_range_m: float = 200.0
    frame_period_s: float = 0.05
    # Range: 2.5 % besides what one pixel of horizon error costs (3 % at 45 m, 4 % at 90 m: see credibility).
    range_sigma_ratio: float = 0.025
    horizon_error_px: float = 1.0
    range_jitter_ratio: float = 0.005
    angle_sigma_rad: float = 0.003
    angle_jitter_rad: float = 0.0012
    width_sigma_ratio: float = 0.08
    lateral_sigma_mps: float = 0.12
    lateral_sigma_1ps: float = 0.002  # m/s per metre of range
    lateral_jitter_mps: float = 0.1
    sigma_floor_m: float = 0.1
    # Finding: one half at these shares, contrasts and illuminances; a miss in 100 frames at best.
    half_share: float = 0.35
    half_contrast: float = 0.03
    half_light_lx: float = 1.5
    headlamp_cd: float = 10_100.0  # low beam on the road ahead: UN R112 class B, at least this at point 50R (confirm)
    miss_ratio: float = 0.01
    burst_every_s: float = 60.0
    burst_lasts_s: float = 0.2
    class_latent: float = 2.2  # wrong class beyond this many sigmas: 3 % of the time
    ghost_every_s: float = 300.0
    ghost_lasts_s: float = 0.12
    plate_blip_ratio: float = 0.003
    # Lane: correlated and per-frame errors.
    lane_half_width_m: float = 1.75
    lane_offset_sigma_m: float = 0.05
    lane_offset_jitter_m: float = 0.01
    lane_heading_sigma_rad: float = 0.002
    lane_heading_jitter_rad: float = 0.0005
    lane_curvature_sigma_1pm: float = 1e-4
    lane_curvature_jitter_1pm: float = 2e-5
    lane_sight_m: float = 30.0


# Time constants of the object processes, s: range, angle, width, lateral speed, class (2), confidence, ease.
_OBJECT_TAUS_S = (1.5, 1.0, 2.0, 0.5, 0.8, 2.0, 0.5, 1.0)
_object, _lane_view = maker(CameraObject), maker(LaneView)
_LANE_TAUS_S = (2.0, 1.0, 2.0, 1.0)


class ObjectCamera:
    """A camera with its object detector. `name` is its stream of chance."""

    def __init__(
        self,
        seed: int,
        roster: Roster,
        parameters: CameraParameters | None = None,
        mount: Mount = CAMERA_MOUNT,
        name: str = "camera",
    ) -> None:
        rows = len(roster.names)
        keys = np.array([stream_key(seed, f"{name}.{part}") for part in ("object", "ghost", "lane")])
        self._camera = parameters or CameraParameters()
        self._kit = CameraKit(
            size_m=np.ascontiguousarray(roster.size_m),
            clearance_m=np.ascontiguousarray(roster.clearance_m),
            table=np.array([_look_row(kind) for kind in roster.kinds]),
            entities=np.ascontiguousarray(roster.entities),
            noise=unit_noise(rows, NOISE_PROCESSES),
            taus_s=np.array(_OBJECT_TAUS_S),
            bursts=np.zeros(rows, dtype=np.bool_),
            ghost=np.zeros(2, dtype=np.int64),
            scene=np.zeros((rows, SCENE_COLUMNS)),
            out=np.zeros((rows + 2, OBJECT_COLUMNS)),
            parameters=packed(self._camera, mount),
            keys=keys[:2],
        )
        self._lane_key = keys[2]
        self._lane_noise = unit_noise(1, 4)
        self._lane_taus_s = np.array(_LANE_TAUS_S)
        self._lane_entity = np.array([entity_id("lane")], dtype=np.uint32)
        self._clock = SlotClock()

    def sense(self, frame: TruthFrame, slot: SimNs) -> CameraView:
        """The view of a clear camera; objects rise in bearing."""
        return self.sense_with(frame, slot, CLEAR_CAMERA)

    def sense_with(self, frame: TruthFrame, slot: SimNs, response: CameraResponse) -> CameraView:
        """The view under an imaging fault's response."""
        if frame.state.shape[0] != len(self._kit.entities):
            raise MachineryError(f"camera: {frame.state.shape[0]} actors in the truth, {len(self._kit.entities)} known")
        step_s = self._clock.step_s(slot)
        scenery = (frame.conditions.visibility_m, frame.conditions.illuminance_lx)
        bent = (
            response.added_miss_ratio,
            response.range_error_factor,
            response.ghost_rate_hz,
            response.confidence_factor,
        )
        count = look(frame.state, self._kit, scenery, bent, slot, step_s)
        objects = tuple(
            _object(
                object_class=CLASSES[int(code)],
                confidence=confidence,
                x_m=x_m,
                y_m=y_m,
                x_sigma_m=x_sigma_m,
                y_sigma_m=y_sigma_m,
                width_m=width_m,
                lateral_mps=lateral_mps,
            )
            for code, confidence, x_m, y_m, x_sigma_m, y_sigma_m, width_m, lateral_mps in self._kit.out[:count].tolist()
        )
        seen_lane, wobble = self._lane(frame, slot, step_s, response)
        health = response.health_factor * _image_health(frame.conditions) * (1.0 - 0.004 * abs(wobble))
        return CameraView(objects=objects, lane=seen_lane, health_ratio=health)

    def _lane(self, frame: TruthFrame, slot: SimNs, step_s: float, response: CameraResponse) -> tuple[LaneView, float]:
        """The lane with this frame's errors, and a spare normal value of the frame."""
        p = self._camera
        n0, n1, n2, n3 = lane(self._lane_noise, self._lane_taus_s, self._lane_entity, step_s, self._lane_key, slot)
        slow0, slow1, slow2, _slow3 = self._lane_noise[0].tolist()
        bad = response.range_error_factor
        offset_m = -float(frame.state[EGO, PATH_OFFSET])
        curvature_1pm = float(frame.state[EGO, PATH_CURVATURE])
        quality = response.lane_factor * _lane_quality(frame.conditions, p) * (1.0 - 0.01 * abs(n3))
        return _lane_view(
            offset_m=offset_m + bad * (p.lane_offset_sigma_m * slow0 + p.lane_offset_jitter_m * n0),
            heading_rad=bad * (p.lane_heading_sigma_rad * slow1 + p.lane_heading_jitter_rad * n1),
            curvature_1pm=curvature_1pm + bad * (p.lane_curvature_sigma_1pm * slow2 + p.lane_curvature_jitter_1pm * n2),
            half_width_m=p.lane_half_width_m * (1.0 + 0.01 * n3),
            quality_ratio=quality,
        ), n3


def _look_row(kind: ActorKind) -> tuple[float, float, float, float]:
    """One row of the kernel's look table."""
    appearance = APPEARANCES[kind]
    return float(appearance.class_code), appearance.half_px, appearance.contrast_ratio, appearance.own_light_lx


def _image_health(conditions: Conditions) -> float:
    """A clear camera's own figure: 1 in clear daylight, 0.87 at 100 m of visibility."""
    light_lx = conditions.illuminance_lx + 5.0
    return conditions.visibility_m / (conditions.visibility_m + 15.0) / (1.0 + 0.25 / light_lx)


def _lane_quality(conditions: Conditions, p: CameraParameters) -> float:
    """How well the markings show at the sight distance: haze, daylight or headlamps."""
    contrast = exp(-3.0 * p.lane_sight_m / conditions.visibility_m)
    light_lx = conditions.illuminance_lx + p.headlamp_cd / p.lane_sight_m**2
    return contrast * light_lx / (light_lx + p.half_light_lx)

"""False-activation guards: who must have seen an object before the system acts on it.

both          camera and radar support it now: a plate or gantry has no camera object, a painted
              shadow has no echo. People may fade on the radar, so one echo is enough for them.
camera_only   the camera alone, for longer and more surely in the path.
radar_only    the radar alone. What moves over ground is a road user. What the camera once confirmed
              stays confirmed. What stands and was never seen by a camera may be a plate, a gantry or a
              guard rail: it must have echoed steadily for long, lie narrowly and surely in the path,
              and it is braked for late, when a gantry has left the beam. So braking for a standing
              vehicle in this mode mitigates more often than it avoids.
"""

from enum import Enum
from typing import NamedTuple

from stack.decision.thresholds import Thresholds
from stack.vocabulary import NS_PER_S, Hazard, HazardKind, SimNs, Track


class Witnesses(Enum):
    """Which sensors can testify."""

    BOTH = "both"
    CAMERA = "camera"
    RADAR = "radar"


class Withheld(Enum):
    """Why an action that is due is not taken."""

    NOTHING = "nothing"
    MODE = "the mode permits no new braking"
    SPEED = "below the speed from which the system acts"
    STALE = "the hazards are too old"
    CAMERA = "too little camera support"
    RADAR = "too little radar support"
    PATH = "not surely enough in the path"
    PLACE = "a standing echo is placed too coarsely"
    HORIZON = "a standing echo without camera is judged late"
    CONFIRMATION = "support has not lasted long enough"
    WARNING = "the driver has not been warned long enough"


class Objection(NamedTuple):
    """What speaks against acting: `name` is `value` and would have to reach `limit`, in `unit`."""

    withheld: Withheld
    name: str = ""
    value: float = 0.0
    limit: float = 0.0
    unit: str = ""


NO_OBJECTION = Objection(Withheld.NOTHING)


def is_vulnerable(hazard: Hazard) -> bool:
    """Whether the hazard is about a pedestrian or cyclist."""
    return hazard.kind is HazardKind.FORWARD_COLLISION_VRU


def unproven(track: Track, t: Thresholds) -> bool:
    """Whether a track stands and no camera ever saw it."""
    return track.camera_at < 0 and max(abs(track.vx_mps), abs(track.vy_mps)) < t.stationary_below_mps


def support_objection(hazard: Hazard, as_of: SimNs, witnesses: Witnesses, t: Thresholds) -> Objection:
    """What the sensors that can testify leave open about this object now."""
    track = hazard.track
    vulnerable = hazard.kind is HazardKind.FORWARD_COLLISION_VRU
    if witnesses is not Witnesses.RADAR:
        needed = t.nominal_camera_count if witnesses is Witnesses.BOTH else t.camera_only_count
        if track.camera_hits < needed or (as_of - track.camera_at) / NS_PER_S > t.support_within_s:
            return Objection(Withheld.CAMERA, "recent camera supports", track.camera_hits, needed, "frames")
    if witnesses is Witnesses.CAMERA:
        return NO_OBJECTION
    if witnesses is Witnesses.BOTH:
        needed = t.nominal_radar_vru_count if vulnerable else t.nominal_radar_count
        within_s = 2.0 * t.support_within_s if vulnerable else t.support_within_s
    else:
        needed = t.radar_only_stationary_count if unproven(track, t) else t.radar_only_count
        within_s = t.support_within_s
    if track.radar_hits < needed or (as_of - track.radar_at) / NS_PER_S > within_s:
        return Objection(Withheld.RADAR, "recent radar supports", track.radar_hits, needed, "cycles")
    return NO_OBJECTION


def path_limit(hazard: Hazard, witnesses: Witnesses, t: Thresholds) -> float:
    """How surely the object must be in the path before the brakes act on it."""
    if witnesses is Witnesses.CAMERA:
        return t.path_camera_only_ratio
    if witnesses is Witnesses.RADAR:
        return t.path_stationary_ratio if unproven(hazard.track, t) else t.path_radar_only_ratio
    return t.path_brake_vru_ratio if is_vulnerable(hazard) else t.path_brake_ratio


def confirmation_s(hazard: Hazard, witnesses: Witnesses, t: Thresholds) -> float:
    """How long support must have lasted before the brakes act on it."""
    if witnesses is Witnesses.CAMERA:
        return t.confirm_camera_only_s
    if witnesses is Witnesses.RADAR:
        return t.confirm_stationary_s if unproven(hazard.track, t) else t.confirm_radar_only_s
    return t.confirm_vru_s if is_vulnerable(hazard) else t.confirm_s


def standing_objection(hazard: Hazard, ttc_s: float, witnesses: Witnesses, t: Thresholds) -> Objection:
    """What else must hold for a standing echo that no camera ever saw."""
    if witnesses is not Witnesses.RADAR or not unproven(hazard.track, t):
        return NO_OBJECTION
    if hazard.track.y_sigma_m > t.stationary_y_sigma_m:
        return Objection(Withheld.PLACE, "deviation across", hazard.track.y_sigma_m, t.stationary_y_sigma_m, "m")
    if ttc_s > t.stationary_ttc_s:
        return Objection(Withheld.HORIZON, "time to collision", ttc_s, t.stationary_ttc_s, "s")
    return NO_OBJECTION

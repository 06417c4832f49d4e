"""Watches what the sensors say of each other: a radar without echoes, and lasting disagreement.

A radar that gives no target at all while the camera sees vehicles near is blind, whatever its own
noise figure says. Two healthy sensors that contradict each other about one near, moving vehicle in
the path for longer than any occlusion cannot both be right. Standing radar echoes without a camera
object (plates, gantries) are ordinary and never count.
"""

from typing import NamedTuple

from stack.decision.symptoms import Symptom, Symptoms
from stack.decision.thresholds import Thresholds
from stack.vocabulary import (
    NS_PER_S,
    CameraTargets,
    Diagnosis,
    Hazard,
    HazardList,
    Message,
    ObjectClass,
    RadarTargets,
    SimNs,
)

NEVER = SimNs(-1)
_NO_TRACK = -1


class AgreementWatch(NamedTuple):
    """Since when the radar has been without echo, and since when a track has had one witness only."""

    echoless_since: SimNs = NEVER
    lone_track_id: int = _NO_TRACK
    lone_since: SimNs = NEVER


def watched_echoes(
    watch: AgreementWatch, radar: Message | None, camera: Message | None, now: SimNs, t: Thresholds
) -> AgreementWatch:
    """The watch after comparing the latest targets of both sensors."""
    if radar is None or camera is None or _echoes(radar.payload) or not _vehicle_near(camera.payload, t):
        return watch if watch.echoless_since < 0 else watch._replace(echoless_since=NEVER)
    return watch if watch.echoless_since >= 0 else watch._replace(echoless_since=now)


def _echoes(scan: RadarTargets) -> bool:
    return bool(scan.targets)


def _vehicle_near(view: CameraTargets, t: Thresholds) -> bool:
    return any(
        target.object_class is ObjectClass.VEHICLE and target.x_m < t.echoless_within_m for target in view.targets
    )


def watched_hazards(watch: AgreementWatch, given: HazardList, now: SimNs, t: Thresholds) -> AgreementWatch:
    """The watch after a new hazard list: the first lone witness on the path is followed."""
    lone = next((hazard for hazard in given.hazards if _lone(hazard, t)), None)
    if lone is None:
        return watch if watch.lone_since < 0 else watch._replace(lone_track_id=_NO_TRACK, lone_since=NEVER)
    if lone.track.track_id == watch.lone_track_id:
        return watch
    return watch._replace(lone_track_id=lone.track.track_id, lone_since=now)


def _lone(hazard: Hazard, t: Thresholds) -> bool:
    """Whether exactly one sensor has ever seen this near vehicle, which both must see."""
    track = hazard.track
    if hazard.gap_m > t.disagree_within_m or hazard.path_probability < t.path_camera_only_ratio:
        return False
    if track.camera_at < 0:
        return track.radar_hits >= t.radar_only_count and abs(track.vx_mps) > t.stationary_below_mps
    return track.radar_at < 0 and track.camera_hits >= t.camera_only_count and track.object_class is ObjectClass.VEHICLE


def agreement_symptoms(watch: AgreementWatch, now: SimNs, t: Thresholds) -> Symptoms:
    """What the comparison says is wrong; meaningful only while each sensor by itself looks healthy."""
    found: Symptoms = ()
    if watch.echoless_since >= 0:
        since_s = (now - watch.echoless_since) / NS_PER_S
        if since_s >= t.echoless_after_s:
            name = "time without any echo beside vehicles in view"
            found += (Symptom(Diagnosis.RADAR_BLIND, name, since_s, t.echoless_after_s, "s"),)
    if watch.lone_since >= 0:
        since_s = (now - watch.lone_since) / NS_PER_S
        if since_s >= t.disagree_after_s:
            name = "time one sensor alone saw a vehicle in the path"
            found += (Symptom(Diagnosis.SENSORS_DISAGREE, name, since_s, t.disagree_after_s, "s"),)
    return found

"""Watches the computer and the other stages: missed deadlines, killed stages, stale outputs, restarts."""

from typing import NamedTuple

from stack.decision.symptoms import Symptom, Symptoms
from stack.decision.thresholds import Thresholds
from stack.vocabulary import NS_PER_S, Diagnosis, HostEvent, HostEventKind, SimNs

CAMERA_STAGE = "camera_objects"
RADAR_STAGE = "radar_processing"
NEVER = SimNs(-1)


class HostWatch(NamedTuple):
    """Instants of what the host reported; `misses` holds as many of the latest as count."""

    misses: tuple[SimNs, ...] = ()
    camera_killed_at: SimNs = NEVER
    radar_killed_at: SimNs = NEVER
    other_killed_at: SimNs = NEVER
    restarted_at: SimNs = NEVER


def watched_event(watch: HostWatch, event: HostEvent, now: SimNs, t: Thresholds) -> HostWatch:
    """The watch after one event. A miss of a sensor stage that is being killed is part of its hang."""
    if event.kind is HostEventKind.STACK_RESTARTED:
        return watch._replace(restarted_at=now)
    if event.kind is HostEventKind.DEADLINE_MISSED:
        if _hung(watch, event.stage, now, t):
            return watch
        return watch._replace(misses=(watch.misses + (now,))[-int(t.misses_count) :])
    if event.stage == CAMERA_STAGE:
        return watch._replace(camera_killed_at=now)
    if event.stage == RADAR_STAGE:
        return watch._replace(radar_killed_at=now)
    return watch._replace(other_killed_at=now)


def _hung(watch: HostWatch, stage: str, now: SimNs, t: Thresholds) -> bool:
    killed_at = {CAMERA_STAGE: watch.camera_killed_at, RADAR_STAGE: watch.radar_killed_at}.get(stage, NEVER)
    return _recent(killed_at, now, t)


def _recent(at: SimNs, now: SimNs, t: Thresholds) -> bool:
    return at >= 0 and (now - at) / NS_PER_S <= t.killed_memory_s


class Outputs(NamedTuple):
    """True-at instants of the newest accepted sensor data and of what was made of them."""

    camera_in: SimNs
    camera_out: SimNs
    radar_in: SimNs
    radar_out: SimNs
    hazards: SimNs


def host_symptoms(watch: HostWatch, outputs: Outputs, now: SimNs, t: Thresholds) -> Symptoms:
    """What is wrong with the computing; empty if nothing is."""
    found = _stage(Diagnosis.CAMERA_STAGE_HUNG, watch.camera_killed_at, outputs.camera_in, outputs.camera_out, now, t)
    found += _stage(Diagnosis.RADAR_STAGE_HUNG, watch.radar_killed_at, outputs.radar_in, outputs.radar_out, now, t)
    count = sum((now - at) / NS_PER_S <= t.misses_window_s for at in watch.misses) if watch.misses else 0
    if count >= t.misses_count:
        name = "deadlines missed within the window"
        found += (Symptom(Diagnosis.DEADLINES_MISSED, name, count, t.misses_count, "jobs"),)
    if not found:
        newest = max(outputs.camera_out, outputs.radar_out)
        found += _stage(Diagnosis.DEADLINES_MISSED, watch.other_killed_at, newest, outputs.hazards, now, t)
    return found


def _stage(diagnosis: Diagnosis, killed_at: SimNs, given: SimNs, made: SimNs, now: SimNs, t: Thresholds) -> Symptoms:
    if _recent(killed_at, now, t):
        name = "time since the watchdog ended the stage"
        return (Symptom(diagnosis, name, (now - killed_at) / NS_PER_S, t.killed_memory_s, "s"),)
    behind_s = (given - made) / NS_PER_S
    if behind_s > t.output_stale_after_s:
        return (
            Symptom(diagnosis, "age of the stage's output behind its input", behind_s, t.output_stale_after_s, "s"),
        )
    return ()

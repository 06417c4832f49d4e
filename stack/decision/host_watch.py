"""Watches the computer and the other stages: missed deadlines, killed stages, stale outputs, restarts."""

from typing import NamedTuple

from stack.decision.symptoms import Symptom, Symptoms
from stack.decision.thresholds import Thresholds
from stack.vocabulary import NS_PER_S, Diagnosis, HostEvent, HostEventKind, SimNs

CAMERA_STAGE = "camera_objects"
RADAR_STAGE = "radar_processing"
NEVER = SimNs(-1)
# Makes a NamedTuple of all its fields in order, without the constructor written in Python: many are made per second.
_quick = tuple.__new__


class Backlog(NamedTuple):
    """A stage's newest output, by its data's true instant, and since when it has been behind its input."""

    made: SimNs = NEVER
    since: SimNs = NEVER


class HostWatch(NamedTuple):
    """Instants of what the host reported; `misses` holds as many of the latest as count."""

    misses: tuple[SimNs, ...] = ()
    camera_killed_at: SimNs = NEVER
    radar_killed_at: SimNs = NEVER
    other_killed_at: SimNs = NEVER
    restarted_at: SimNs = NEVER
    camera: Backlog = Backlog()
    radar: Backlog = Backlog()
    hazards: Backlog = Backlog()


def watched_event(
    watch: HostWatch, event: HostEvent, camera_burst: bool, radar_burst: bool, now: SimNs, t: Thresholds
) -> HostWatch:
    """The watch after one event.

    A miss of a sensor stage that is being killed is part of its hang; one while its messages arrive
    out of order, so several at once, is the journey's and not the computer's.
    """
    if event.kind is HostEventKind.STACK_RESTARTED:
        return watch._replace(restarted_at=now)
    if event.kind is HostEventKind.DEADLINE_MISSED:
        bursts = (camera_burst and event.stage == CAMERA_STAGE) or (radar_burst and event.stage == RADAR_STAGE)
        if bursts or _hung(watch, event.stage, now, t):
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


def watched_outputs(watch: HostWatch, outputs: Outputs, now: SimNs) -> HostWatch:
    """The watch after comparing what went into the stages with what came out."""
    camera = _behind(watch.camera, outputs.camera_in, outputs.camera_out, now)
    radar = _behind(watch.radar, outputs.radar_in, outputs.radar_out, now)
    newest = outputs.camera_out if outputs.camera_out > outputs.radar_out else outputs.radar_out
    hazards = _behind(watch.hazards, newest, outputs.hazards, now)
    if camera is watch.camera and radar is watch.radar and hazards is watch.hazards:
        return watch
    return _quick(HostWatch, (*watch[:5], camera, radar, hazards))


def _behind(before: Backlog, given: SimNs, made: SimNs, now: SimNs) -> Backlog:
    """A backlog lasts from the first look at newer input until the output moves again."""
    if made != before.made:
        return _quick(Backlog, (made, now if given > made else NEVER))
    if given <= made:
        return before if before.since < 0 else Backlog(made, NEVER)
    return before if before.since >= 0 else Backlog(made, now)


def host_symptoms(watch: HostWatch, now: SimNs, t: Thresholds) -> Symptoms:
    """What is wrong with the computing; empty if nothing is."""
    found = _stage(Diagnosis.CAMERA_STAGE_HUNG, watch.camera_killed_at, watch.camera, now, t)
    found += _stage(Diagnosis.RADAR_STAGE_HUNG, watch.radar_killed_at, watch.radar, now, t)
    count = sum((now - at) / NS_PER_S <= t.misses_window_s for at in watch.misses) if watch.misses else 0
    if count >= t.misses_count:
        name = "deadlines missed within the window"
        found += (Symptom(Diagnosis.DEADLINES_MISSED, name, count, t.misses_count, "jobs"),)
    if not found:
        found = _stage(Diagnosis.DEADLINES_MISSED, watch.other_killed_at, watch.hazards, now, t)
    return found


def _stage(diagnosis: Diagnosis, killed_at: SimNs, backlog: Backlog, now: SimNs, t: Thresholds) -> Symptoms:
    if _recent(killed_at, now, t):
        name = "time since the watchdog ended the stage"
        return (Symptom(diagnosis, name, (now - killed_at) / NS_PER_S, t.killed_memory_s, "s"),)
    waiting_s = (now - backlog.since) / NS_PER_S if backlog.since >= 0 else 0.0
    if waiting_s > t.output_stale_after_s:
        return (Symptom(diagnosis, "time the stage has owed an output", waiting_s, t.output_stale_after_s, "s"),)
    return ()

"""The table of inspected topics and the inspection of one message against its topic's book."""

from collections.abc import Callable
from typing import Any, NamedTuple

from stack.ingest.books import IN_ORDER, LATE, REPEATED, STALE, Book, arrival
from stack.ingest.plausibility import camera_problem, motion_jump, motion_problem, radar_problem
from stack.ingest.thresholds import Thresholds
from stack.vocabulary import NS_PER_S, CameraView, EgoMotion, Message, RadarScan, SensorCheck
from stack.vocabulary.construction import maker
from stack.vocabulary.topics import (
    CAMERA,
    CAMERA_CHECK,
    CAMERA_CHECKED,
    EGO_MOTION,
    MOTION_CHECK,
    MOTION_CHECKED,
    RADAR,
    RADAR_CHECK,
    RADAR_CHECKED,
)

_check = maker(SensorCheck)
# Makes a NamedTuple of all its fields in order, without the constructor written in Python: many are made per cycle.
_quick = tuple.__new__


def same_view(before: CameraView, after: CameraView) -> bool:
    """The same frame twice. Lane numbers carry noise in every real frame; a view of nothing says nothing."""
    if before.lane.offset_m != after.lane.offset_m or before.lane != after.lane or before.objects != after.objects:
        return False
    return bool(after.objects) or after.lane.quality_ratio > 0.0


def same_scan(before: RadarScan, after: RadarScan) -> bool:
    """The same echoes twice. An empty road repeats without fault."""
    if not before.detections or not after.detections:
        return False
    if before.detections[0].range_m != after.detections[0].range_m:
        return False
    return before.detections == after.detections


def same_motion(before: EgoMotion, after: EgoMotion) -> bool:
    """The same reading twice while moving; quantised signals repeat at times, a standing vehicle always."""
    return after.speed_mps > 1.0 and before.yaw_rate_radps == after.yaw_rate_radps and before == after


def camera_health(view: CameraView, limits: Thresholds) -> float:
    """The camera's own image health; a figure that is no share counts as blind."""
    return view.health_ratio if 0.0 <= view.health_ratio <= 1.0 else 0.0


def radar_health(scan: RadarScan, limits: Thresholds) -> float:
    """1 minus the interference share: noise floor above nominal over the level that blinds the radar."""
    share = scan.noise_floor_db / limits.radar_blind_floor_db
    return 1.0 - min(1.0, share) if share > 0.0 else 1.0


def motion_health(motion: EgoMotion, limits: Thresholds) -> float:
    """The vehicle bus gives no quality figure."""
    return 1.0


def unjudged_jump(before: object, after: object, elapsed_s: float, limits: Thresholds) -> str:
    """Scans and views may differ freely from one to the next."""
    return ""


class Content(NamedTuple):
    """How the content of one kind of payload is judged."""

    problem: Callable[[Any, Thresholds], str]
    jump: Callable[[Any, Any, float, Thresholds], str]
    same: Callable[[Any, Any], bool]
    health: Callable[[Any, Thresholds], float]


class Rule(NamedTuple):
    """How messages of one topic are inspected."""

    checked: str  # topic the payload is passed on as
    check: str  # topic of the finding
    age_limit: str  # name of the threshold
    takes_late: bool  # whether tracking can use a message older than one already passed on
    content: Content


_SCAN = Content(radar_problem, unjudged_jump, same_scan, radar_health)
_VIEW = Content(camera_problem, unjudged_jump, same_view, camera_health)
_MOTION = Content(motion_problem, motion_jump, same_motion, motion_health)

RULES: dict[str, Rule] = {
    #                passed on as    finding on    oldest              late   content
    RADAR:      Rule(RADAR_CHECKED,  RADAR_CHECK,  "radar_age_max_s",  True,  _SCAN),
    CAMERA:     Rule(CAMERA_CHECKED, CAMERA_CHECK, "camera_age_max_s", True,  _VIEW),
    EGO_MOTION: Rule(MOTION_CHECKED, MOTION_CHECK, "motion_age_max_s", False, _MOTION),
}  # fmt: skip


def _objection(rule: Rule, book: Book, came: str, age_ns: int, message: Message, limits: Thresholds) -> str:
    """Why a message may not be used; empty if it may. Order first, then age, then content."""
    if came is not IN_ORDER and (came is not LATE or not rule.takes_late):
        return came
    if age_ns < 0:
        return "true instant lies in the future"
    if age_ns > getattr(limits, rule.age_limit) * NS_PER_S:
        return "too old for its use"
    problem = rule.content.problem(message.payload, limits)
    if problem or book.believed is None:
        return problem
    return rule.content.jump(book.believed, message.payload, (message.true_at - book.believed_at) / NS_PER_S, limits)


def inspected(rule: Rule, book: Book, message: Message, now: int, limits: Thresholds) -> tuple[Book, SensorCheck]:
    """The book after this message and the finding on it.

    Repeated content is counted and marked, never refused: frozen data looks fresh, and what follows
    from it is for the health monitor to say.
    """
    payload, true_at = message.payload, message.true_at
    age_ns = now - true_at
    came, highest, seen, missing = arrival(book, message.sequence, true_at)
    reason = _objection(rule, book, came, age_ns, message, limits)
    accepted = not reason
    repeats = book.repeats
    if came is not REPEATED:
        repeats = repeats + 1 if book.content is not None and rule.content.same(book.content, payload) else 0
    if accepted:
        reason = "content repeated" if repeats else came
    late = came is LATE or came is STALE
    counted = (
        highest,
        seen,
        true_at if true_at > book.newest_true_at and age_ns >= 0 else book.newest_true_at,
        payload,
        payload if accepted else book.believed,
        true_at if accepted else book.believed_at,
        repeats,
        book.accepted + accepted,
        book.lost + missing,
        book.refused + (not accepted),
        book.disordered + late,
    )
    after = _quick(Book, counted)
    check = _check(
        topic=message.topic,
        true_at=true_at,
        age_ns=age_ns,
        accepted=accepted,
        reason=reason,
        repeats=repeats,
        accepted_total=after.accepted,
        lost_total=after.lost,
        refused_total=after.refused,
        disordered_total=after.disordered,
        health_ratio=rule.content.health(payload, limits),
    )
    return after, check

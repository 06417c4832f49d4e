"""Watches one sensor through ingest's checks: silent, frozen, blind, implausible or degraded.

A sensor that delivers the same content is frozen, not silent; one whose content contradicts itself
is implausible, not silent; so that faults are told apart. A refusal counts against the content
unless it names the journey (`JOURNEY_REASONS`, in the words of ingest). Until the first message,
silence counts from the end of the start grace.
"""

from typing import NamedTuple

from stack.decision.symptoms import Symptom, Symptoms
from stack.decision.thresholds import Thresholds
from stack.vocabulary import NS_PER_S, Diagnosis, Message, SensorCheck, SimNs, ns_from_s

JOURNEY_REASONS = frozenset(
    {
        "older than one already seen",
        "sequence number repeated",
        "sequence number far behind",
        "too old for its use",
    }
)
NEVER = SimNs(-1)
_MARK_SPACING_NS = NS_PER_S // 5
# Makes a NamedTuple of all its fields in order, without the constructor written in Python: many are made per second.
_quick = tuple.__new__


class SensorRules(NamedTuple):
    """What holds for one sensor. A diagnosis the sensor cannot have is given as an empty tuple."""

    silent: Diagnosis
    implausible: Diagnosis
    imaging: tuple[Diagnosis, Diagnosis, Diagnosis] | tuple[()]  # frozen, blind, degraded
    silent_after_s: float
    blind_below_ratio: float
    frozen_count: float


class Mark(NamedTuple):
    """Totals of good and bad messages at an instant."""

    at: SimNs
    good: int
    bad: int


class SensorWatch(NamedTuple):
    """What is known of one sensor. `accepted_at` is when the last usable message was noticed."""

    accepted_at: SimNs
    heard_at: SimNs
    sequence: int = -1
    accepted_total: int = 0
    true_at: SimNs = NEVER
    repeats: int = 0
    health_ratio: float = 1.0
    blind_since: SimNs = NEVER
    implausible_since: SimNs = NEVER
    marks: tuple[Mark, ...] = ()
    bad_ratio: float = 0.0
    disordered_total: int = 0
    disordered_at: SimNs = NEVER

    @property
    def heard(self) -> bool:
        """Whether any usable message arrived since boot."""
        return self.accepted_total > 0


def rules_for(t: Thresholds) -> tuple[SensorRules, SensorRules, SensorRules]:
    """The rules of camera, radar and ego motion.

    Ego motion has no image; its quantised content may repeat a few times in health, so that only a
    long run of repeats while driving is implausible.
    """
    d = Diagnosis
    camera = (d.CAMERA_FROZEN, d.CAMERA_BLIND, d.CAMERA_DEGRADED)
    radar = (d.RADAR_FROZEN, d.RADAR_BLIND, d.RADAR_DEGRADED)
    return (
        SensorRules(
            d.CAMERA_SILENT,
            d.CAMERA_IMPLAUSIBLE,
            camera,
            t.camera_silent_after_s,
            t.camera_blind_below_ratio,
            t.frozen_count,
        ),
        SensorRules(
            d.RADAR_SILENT,
            d.RADAR_IMPLAUSIBLE,
            radar,
            t.radar_silent_after_s,
            t.radar_blind_below_ratio,
            t.frozen_count,
        ),
        SensorRules(
            d.EGO_MOTION_SILENT, d.EGO_MOTION_IMPLAUSIBLE, (), t.motion_silent_after_s, 0.0, t.motion_frozen_count
        ),
    )


def fresh_watch(now: SimNs, t: Thresholds) -> SensorWatch:
    """A watch at boot: silence is judged after the start grace."""
    due = SimNs(now + ns_from_s(t.start_grace_s))
    return SensorWatch(accepted_at=due, heard_at=due)


def watched(watch: SensorWatch, message: Message | None, now: SimNs, rules: SensorRules, t: Thresholds) -> SensorWatch:
    """The watch after a look at the latest check; the same watch if there is no new one."""
    if message is None or message.sequence == watch.sequence:
        return watch
    check: SensorCheck = message.payload
    accepted = check.accepted_total > watch.accepted_total
    contradicts = not check.accepted and check.reason not in JOURNEY_REASONS
    implausible_since = NEVER
    if contradicts:
        implausible_since = now if accepted or watch.implausible_since < 0 else watch.implausible_since
    blind_since = NEVER
    if check.health_ratio < rules.blind_below_ratio:
        blind_since = watch.blind_since if watch.blind_since >= 0 else now
    explained = check.repeats >= rules.frozen_count or contradicts or _was_silent(watch, now, rules)
    marks, bad_ratio = _marked(watch, check, now, explained, t)
    after = (
        now if accepted else watch.accepted_at,
        now,
        message.sequence,
        check.accepted_total,
        check.true_at if check.accepted else watch.true_at,
        check.repeats,
        check.health_ratio,
        blind_since,
        implausible_since,
        marks,
        bad_ratio,
        check.disordered_total,
        now if check.disordered_total > watch.disordered_total else watch.disordered_at,
    )
    return _quick(SensorWatch, after)


def disordered(watch: SensorWatch, now: SimNs, t: Thresholds) -> bool:
    """Whether messages of this sensor lately arrived out of order."""
    return watch.disordered_at >= 0 and (now - watch.disordered_at) / NS_PER_S <= t.killed_memory_s


def _was_silent(watch: SensorWatch, now: SimNs, rules: SensorRules) -> bool:
    return not watch.heard or (now - watch.heard_at) / NS_PER_S > rules.silent_after_s


def _marked(
    watch: SensorWatch, check: SensorCheck, now: SimNs, explained: bool, t: Thresholds
) -> tuple[tuple[Mark, ...], float]:
    """Marks of the last window and the share of bad messages in it: refused, lost, or behind a newer one.

    A message that was missing and came late counts once. What silence, freezing or implausibility
    explain starts a new window.
    """
    if not explained and watch.marks and now - watch.marks[-1].at < _MARK_SPACING_NS:
        return watch.marks, watch.bad_ratio
    bad = check.refused_total + max(check.lost_total, check.disordered_total)
    mark = Mark(now, check.accepted_total - check.disordered_total, bad)
    if explained or not watch.marks:
        return (mark,), 0.0
    marks = tuple(old for old in watch.marks if (now - old.at) / NS_PER_S <= t.degraded_window_s) + (mark,)
    good_count, bad_count = mark.good - marks[0].good, mark.bad - marks[0].bad
    expected = good_count + bad_count
    return marks, bad_count / expected if expected >= t.degraded_least_count else 0.0


def symptoms_of(watch: SensorWatch, now: SimNs, rules: SensorRules, t: Thresholds) -> Symptoms:
    """What is wrong with the sensor now; empty for a healthy one."""
    unheard_s = (now - watch.heard_at) / NS_PER_S
    arrives = unheard_s <= rules.silent_after_s
    found: Symptoms = ()
    if arrives and rules.imaging:
        found = _imaging(watch, now, rules, t)
    repeating = watch.repeats >= rules.frozen_count
    implausible_s = (now - watch.implausible_since) / NS_PER_S if watch.implausible_since >= 0 else 0.0
    if arrives and implausible_s >= t.implausible_after_s:
        name = "time of contradicting content"
        found += (Symptom(rules.implausible, name, implausible_s, t.implausible_after_s, "s"),)
    elif arrives and repeating and not rules.imaging:
        name = "repeats of the same content while driving"
        found += (Symptom(rules.implausible, name, watch.repeats, rules.frozen_count, "messages"),)
    unusable_s = (now - watch.accepted_at) / NS_PER_S
    explained = arrives and (repeating or watch.implausible_since >= 0)
    if unusable_s > rules.silent_after_s and not explained:
        found += (Symptom(rules.silent, "time without a usable message", unusable_s, rules.silent_after_s, "s"),)
    return found


def _imaging(watch: SensorWatch, now: SimNs, rules: SensorRules, t: Thresholds) -> Symptoms:
    frozen, blind, degraded = rules.imaging  # type: ignore[misc]
    found: Symptoms = ()
    if watch.repeats >= rules.frozen_count:
        found += (Symptom(frozen, "repeats of the same content", watch.repeats, rules.frozen_count, "frames"),)
    if watch.blind_since >= 0 and (now - watch.blind_since) / NS_PER_S >= t.blind_after_s:
        found += (Symptom(blind, "sensor health", watch.health_ratio, rules.blind_below_ratio, "ratio"),)
    if watch.bad_ratio >= t.degraded_share_ratio:
        share = watch.bad_ratio
        found += (Symptom(degraded, "share of lost and refused messages", share, t.degraded_share_ratio, "ratio"),)
    return found

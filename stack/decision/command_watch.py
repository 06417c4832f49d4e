"""Watches the way to the brakes through the actuator's own status: refused, lost, or weak.

Weakness is judged only on a demand the actuator itself confirms, so that a lost command is never
called a weak brake. It is taken back by a braking that works; nothing else proves the brakes.
"""

from typing import NamedTuple

from stack.decision.symptoms import Symptom, Symptoms
from stack.decision.thresholds import Thresholds
from stack.vocabulary import NS_PER_S, ActuatorStatus, Diagnosis, EgoMotion, Message, SimNs, ns_from_s

NEVER = SimNs(-1)


class Refusals(NamedTuple):
    """The actuator's refusal count at an instant."""

    at: SimNs
    total: int


class CommandWatch(NamedTuple):
    """What is known of the actuator. `inherits_braking`: its first word after boot was that it brakes."""

    heard_at: SimNs
    accepted_at: SimNs
    sequence: int = -1
    accepted_total: int = 0
    refusals: tuple[Refusals, ...] = ()
    demand_mps2: float = 0.0
    demand_since: SimNs = NEVER
    inherits_braking: bool = False
    slack_since: SimNs = NEVER
    strong_since: SimNs = NEVER
    weak: bool = False
    share_ratio: float = 1.0

    @property
    def heard(self) -> bool:
        """Whether the actuator has spoken since boot."""
        return self.sequence >= 0

    @property
    def refused_count(self) -> int:
        """Refusals within the window."""
        return self.refusals[-1].total - self.refusals[0].total if self.refusals else 0


def fresh_commands(now: SimNs, t: Thresholds) -> CommandWatch:
    """A watch at boot: silence is judged after the start grace."""
    due = SimNs(now + ns_from_s(t.start_grace_s))
    return CommandWatch(heard_at=due, accepted_at=due)


def watched_status(watch: CommandWatch, message: Message | None, now: SimNs, t: Thresholds) -> CommandWatch:
    """The watch after a look at the actuator's latest status; the same watch if there is no new one."""
    if message is None or message.sequence == watch.sequence:
        return watch
    status: ActuatorStatus = message.payload
    accepted = status.accepted_total != watch.accepted_total
    braking = status.demand_mps2 >= t.weak_demand_mps2
    return CommandWatch(
        now,
        now if accepted else watch.accepted_at,
        message.sequence,
        status.accepted_total,
        _refusals(watch, status.refused_total, now, t),
        status.demand_mps2,
        (watch.demand_since if watch.demand_since >= 0 else now) if braking else NEVER,
        watch.inherits_braking or (not watch.heard and (braking or status.deadman_active)),
        watch.slack_since,
        watch.strong_since,
        watch.weak,
        watch.share_ratio,
    )


def _refusals(watch: CommandWatch, total: int, now: SimNs, t: Thresholds) -> tuple[Refusals, ...]:
    """The refusal counts of the window; the first is its base, the newest count before the window if need be."""
    marks = watch.refusals
    if len(marks) == 1 and marks[0].total == total:
        return marks
    recent = tuple(old for old in marks if (now - old.at) / NS_PER_S <= t.refusals_window_s) or marks[-1:]
    if not recent or recent[0].total == total:
        return (Refusals(now, total),)
    return (*recent, Refusals(now, total))


def watched_deceleration(watch: CommandWatch, motion: EgoMotion, now: SimNs, t: Thresholds) -> CommandWatch:
    """The watch after comparing the confirmed demand with the measured deceleration.

    Judged once the brakes have had the time UN R13 gives them, above walking speed.
    """
    due = watch.demand_since >= 0 and (now - watch.demand_since) / NS_PER_S >= t.weak_after_s
    if not due or motion.speed_mps < t.weak_above_mps:
        if watch.slack_since < 0 and watch.strong_since < 0:
            return watch
        return watch._replace(slack_since=NEVER, strong_since=NEVER)
    share = -motion.acceleration_mps2 / watch.demand_mps2
    slack_since, strong_since = NEVER, NEVER
    if share < t.weak_ratio:
        slack_since = watch.slack_since if watch.slack_since >= 0 else now
    elif share >= t.strong_ratio:
        strong_since = watch.strong_since if watch.strong_since >= 0 else now
    weak = watch.weak
    if slack_since >= 0 and (now - slack_since) / NS_PER_S >= t.weak_for_s:
        weak = True
    if strong_since >= 0 and (now - strong_since) / NS_PER_S >= t.weak_for_s:
        weak = False
    return watch._replace(slack_since=slack_since, strong_since=strong_since, weak=weak, share_ratio=share)


def command_symptoms(watch: CommandWatch, now: SimNs, t: Thresholds) -> Symptoms:
    """What is wrong on the way to the brakes; empty if nothing is."""
    found: Symptoms = ()
    refused = watch.refused_count
    if refused >= t.refusals_count:
        found += (Symptom(Diagnosis.COMMANDS_REFUSED, "requests refused", refused, t.refusals_count, "requests"),)
    unaccepted_s, unheard_s = (now - watch.accepted_at) / NS_PER_S, (now - watch.heard_at) / NS_PER_S
    if unheard_s > t.status_silent_after_s:
        name = "time without a word from the actuator"
        found += (Symptom(Diagnosis.COMMANDS_LOST, name, unheard_s, t.status_silent_after_s, "s"),)
    elif unaccepted_s > t.commands_lost_after_s and not refused and watch.heard:
        name = "time since the actuator accepted a request"
        found += (Symptom(Diagnosis.COMMANDS_LOST, name, unaccepted_s, t.commands_lost_after_s, "s"),)
    if watch.weak:
        name = "measured share of the demanded deceleration"
        found += (Symptom(Diagnosis.ACTUATOR_WEAK, name, watch.share_ratio, t.weak_ratio, "ratio"),)
    return found

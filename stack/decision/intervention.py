"""The braking state machine.

    NONE ──warn──► WARNING ──slack──► PARTIAL ──due──► FULL ──resolved | standstill──► NONE
                      │  ▲               │               │
                      │  └──not due──────┘               ▼
                      └────driver's new act────► OVERRIDDEN ──act over──► NONE
    any ──mode MINIMAL_RISK──► HOLD ──mode left──► NONE

WARNING     braking becomes due within the lead of the warning (UN R131: 0.8 s for vehicles).
PARTIAL     at most `partial_longest_s` of low braking just before, once the driver has been warned for the lead.
FULL        braking is due, the guards agree, and the driver has been warned for the lead (vehicles) or
            the time to see it (pedestrians, cyclists) - unless the danger could not be foreseen and waiting
            would cost the contact (UN R131: then no later than braking).
            Braking that has begun is finished: no lost message and no diagnosis releases it. It ends when the
            object is seen to be no danger, has been out of sight for long, at standstill, or by the driver.
"""

from typing import NamedTuple

from stack.decision.override import NO_ACTS, DriverActs
from stack.decision.support import NO_OBJECTION, Objection, Withheld
from stack.decision.threats import NEVER, Threat
from stack.decision.thresholds import Thresholds
from stack.vocabulary import NS_PER_S, BrakingStage, HazardList, Mode, SimNs

MODE_OBJECTION = Objection(Withheld.MODE, "permission of the mode to begin braking", 0.0, 1.0, "(1 yes, 0 no)")
_MAY_BRAKE = (Mode.NOMINAL, Mode.CAMERA_ONLY, Mode.RADAR_ONLY)
_SILENT = (Mode.OFF, Mode.MINIMAL_RISK)


class Intervention(NamedTuple):
    """Where the intervention stands, and since when what holds (-1: it does not)."""

    stage: BrakingStage = BrakingStage.NONE
    warned_at: SimNs = NEVER
    warned_closing_mps: float = 0.0
    warned_known_since: SimNs = NEVER
    caused_at: SimNs = NEVER
    partial_since: SimNs = NEVER
    track_id: int = -1
    resolved_since: SimNs = NEVER
    resolved_seen: bool = False
    standstill_since: SimNs = NEVER
    act_at: SimNs = NEVER


IDLE = Intervention()


class Scene(NamedTuple):
    """What the state machine looks at in one job: threats are sorted, the soonest due first."""

    now: SimNs
    mode: Mode
    threats: tuple[Threat, ...]
    hazards: HazardList
    hazards_age_s: float
    speed_mps: float
    acts: DriverActs


class Step(NamedTuple):
    """The next state, the rule that led there, the deciding threat (or none), and what speaks against acting."""

    after: Intervention
    rule: str
    threats: tuple[Threat, ...] = ()
    against: Objection = NO_OBJECTION


def demand_mps2(stage: BrakingStage, t: Thresholds) -> float:
    """The deceleration each stage demands."""
    if stage is BrakingStage.FULL:
        return t.full_demand_mps2
    if stage is BrakingStage.PARTIAL:
        return t.partial_demand_mps2
    return t.hold_demand_mps2 if stage is BrakingStage.HOLD else 0.0


def intervened(before: Intervention, scene: Scene, t: Thresholds) -> Step:
    """One step of the state machine, the gravest first."""
    if scene.mode is Mode.MINIMAL_RISK:
        return _holding(before, scene, t)
    if before.stage is BrakingStage.HOLD:
        return Step(IDLE, "the minimal-risk reaction is over")
    if before.stage is BrakingStage.FULL:
        return _braking(before, scene, t)
    if scene.mode in _SILENT:
        return Step(
            IDLE if before is not IDLE else before, "the system is off", scene.threats[:1], _mode_objection(scene)
        )
    if before.stage is BrakingStage.OVERRIDDEN:
        return _overridden(before, scene, t)
    if before.stage is BrakingStage.NONE:
        return _watching(before, scene, t)
    return _warning(before, scene, t)


def lead_s(threat: Threat, t: Thresholds) -> float:
    """How long before braking is due the driver is warned."""
    wanted_s = t.vru_warning_lead_s if threat.vulnerable else t.warning_lead_s + t.warning_margin_s
    return wanted_s + t.hmi_allowance_s


def wait_s(threat: Threat, t: Thresholds) -> float:
    """How long the warning must have stood before full braking."""
    return t.hmi_allowance_s if threat.vulnerable else t.warning_lead_s + t.hmi_allowance_s


def _mode_objection(scene: Scene) -> Objection:
    due = bool(scene.threats) and scene.threats[0].due
    return MODE_OBJECTION if due else NO_OBJECTION


def _objected(threats: tuple[Threat, ...]) -> tuple[tuple[Threat, ...], Objection]:
    """The soonest threat that is due but objected to, and the objection."""
    for threat in threats:
        if threat.due and threat.against_braking is not NO_OBJECTION:
            return (threat,), threat.against_braking
    return (), NO_OBJECTION


def _watching(before: Intervention, scene: Scene, t: Thresholds) -> Step:
    for threat in scene.threats:
        if _worth_warning(threat, 0.0, t):
            warned = Intervention(
                stage=BrakingStage.WARNING,
                warned_at=scene.now,
                warned_closing_mps=threat.hazard.closing_mps,
                warned_known_since=threat.known_since,
                caused_at=scene.now,
                track_id=threat.hazard.track.track_id,
            )
            at_once = _warning(warned, scene._replace(acts=NO_ACTS), t)  # an act counts after the warning only
            if at_once.after.stage is BrakingStage.WARNING:
                return Step(at_once.after, "warn: braking comes due within the lead", (threat,), at_once.against)
            return at_once
    objected, against = _objected(scene.threats)
    return Step(before, "watch", objected, against)


def _worth_warning(threat: Threat, slack_s: float, t: Thresholds) -> bool:
    return (
        threat.against_warning is NO_OBJECTION
        and threat.due_in_s <= lead_s(threat, t) + slack_s
        and threat.braking.ttc_s <= t.warn_below_ttc_s + slack_s
    )


def _warning(before: Intervention, scene: Scene, t: Thresholds) -> Step:
    """WARNING and PARTIAL: brake when due, take up slack just before, end when the cause has gone."""
    if scene.acts.interrupts:
        overridden = IDLE._replace(stage=BrakingStage.OVERRIDDEN, act_at=scene.now)
        return Step(overridden, "the driver's new act interrupts", scene.threats[:1])
    warned_s = (scene.now - before.warned_at) / NS_PER_S
    caused = any(_worth_warning(threat, t.warning_slack_s, t) for threat in scene.threats)
    if caused:
        before = before._replace(caused_at=scene.now)
    elif (scene.now - before.caused_at) / NS_PER_S >= t.warning_shown_s:
        return Step(IDLE, "the cause of the warning has gone")
    braking = next((threat for threat in scene.threats if threat.against_braking is NO_OBJECTION), None)
    if braking is None:
        objected, against = _objected(scene.threats)
        return Step(_without_slack(before), "warn: braking comes due within the lead", objected, against)
    if scene.mode not in _MAY_BRAKE:
        against = MODE_OBJECTION if braking.due else NO_OBJECTION
        return Step(_without_slack(before), "warn only", (braking,), against)
    if braking.due and (warned_s >= wait_s(braking, t) or _unforeseen(before, braking, t)):
        full = before._replace(stage=BrakingStage.FULL, track_id=braking.hazard.track.track_id)
        return Step(full, "brake fully: required deceleration at its limit", (braking,))
    step = _slack(before, braking, warned_s, scene.now, t)
    against = NO_OBJECTION
    if braking.due:
        against = Objection(Withheld.WARNING, "time since the warning", warned_s, wait_s(braking, t), "s")
    return Step(step, _SLACK_RULE[step.stage], (braking,), against)


_SLACK_RULE = {
    BrakingStage.WARNING: "warn: braking comes due within the lead",
    BrakingStage.PARTIAL: "brake partially: full braking follows at once",
}


def _without_slack(before: Intervention) -> Intervention:
    return before if before.stage is BrakingStage.WARNING else before._replace(stage=BrakingStage.WARNING)


def _slack(before: Intervention, braking: Threat, warned_s: float, now: SimNs, t: Thresholds) -> Intervention:
    """PARTIAL just before full braking, once per warning and not for long."""
    lead = t.partial_lead_s + (t.partial_slack_s if before.stage is BrakingStage.PARTIAL else 0.0)
    near = braking.due_in_s <= lead and warned_s >= wait_s(braking, t)
    since = before.partial_since if before.partial_since >= 0 else now
    if not near or (now - since) / NS_PER_S >= t.partial_longest_s:
        return _without_slack(before)
    return before._replace(stage=BrakingStage.PARTIAL, partial_since=since)


def _unforeseen(before: Intervention, braking: Threat, t: Thresholds) -> bool:
    """Whether waiting costs the contact and the danger could not be foreseen for the lead.

    Either the object was in the path for less than the lead before the warning, or it has been
    closing much faster since.
    """
    if braking.braking.needed_mps2 < t.last_moment_ratio * t.full_demand_mps2:
        return False
    known_s = (before.warned_at - min(before.warned_known_since, braking.known_since)) / NS_PER_S
    faster = braking.hazard.closing_mps - before.warned_closing_mps >= t.unforeseen_closing_mps
    return known_s < t.warning_lead_s or faster


def _braking(before: Intervention, scene: Scene, t: Thresholds) -> Step:
    """FULL: hold it until the danger is over, standstill, or the driver's new act."""
    if scene.acts.interrupts:
        overridden = IDLE._replace(stage=BrakingStage.OVERRIDDEN, act_at=scene.now)
        return Step(overridden, "the driver's new act interrupts", scene.threats[:1])
    after = _stood(before, scene, t)
    if after.standstill_since >= 0 and (scene.now - after.standstill_since) / NS_PER_S >= t.standstill_hold_s:
        return Step(IDLE, "standstill: the brakes are handed back to the driver")
    if scene.hazards_age_s > t.hazards_fresh_within_s:
        return Step(after._replace(resolved_since=NEVER), "brake on: no news is not good news")
    danger = _danger(after.track_id, scene, t)
    if danger:
        held = after if after.resolved_since < 0 else after._replace(resolved_since=NEVER)
        return Step(held, "brake on: the danger is still there", scene.threats[:1])
    seen = any(hazard.track.track_id == after.track_id for hazard in scene.hazards.hazards)
    since = after.resolved_since if after.resolved_since >= 0 and after.resolved_seen is seen else scene.now
    after = after._replace(resolved_since=since, resolved_seen=seen)
    wanted_s = t.resolved_after_s if seen else t.gone_after_s
    moving = after.standstill_since < 0
    if moving and (scene.now - since) / NS_PER_S >= wanted_s:
        return Step(IDLE, "the danger is over: the brakes are released" if seen else "the object has gone for long")
    return Step(after, "brake on: the danger is not over for long enough")


def _danger(track_id: int, scene: Scene, t: Thresholds) -> bool:
    """Whether the object braked for is still closed upon in the path, or another one is worth braking for."""
    for hazard in scene.hazards.hazards:
        closed_upon = (
            hazard.closing_mps > t.release_closing_mps or hazard.required_deceleration_mps2 > t.release_below_mps2
        )
        if hazard.track.track_id == track_id and closed_upon and hazard.path_probability >= t.path_keep_ratio:
            return True
    return any(threat.due and threat.against_braking is NO_OBJECTION for threat in scene.threats)


def _stood(before: Intervention, scene: Scene, t: Thresholds) -> Intervention:
    if scene.speed_mps > t.standstill_mps:
        return before if before.standstill_since < 0 else before._replace(standstill_since=NEVER)
    return before if before.standstill_since >= 0 else before._replace(standstill_since=scene.now)


def _holding(before: Intervention, scene: Scene, t: Thresholds) -> Step:
    """HOLD: the ladder alone says when it ends; here only standstill is noticed."""
    if before.stage is not BrakingStage.HOLD:
        before = IDLE._replace(stage=BrakingStage.HOLD)
    return Step(_stood(before, scene, t), "minimal-risk reaction: hold to standstill")


def _overridden(before: Intervention, scene: Scene, t: Thresholds) -> Step:
    if scene.acts.steering_or_kickdown:
        return Step(before._replace(act_at=scene.now), "the driver's act goes on", scene.threats[:1])
    if (scene.now - before.act_at) / NS_PER_S >= t.override_rearm_s:
        return Step(IDLE, "the driver's act is over")
    return Step(before, "the driver's act ended just now")

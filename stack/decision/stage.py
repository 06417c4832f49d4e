"""The decision stage: one job looks at hazards and health and says what to do, every 50 ms at the latest.

Order in a job: health monitor, ladder, threats, braking state machine, warning; then what is published.
A manoeuvre leaves with every job, so that silence means loss. After a restart the first manoeuvre waits
for the actuator's own word, at most `restart_quiet_s`: if the actuator was braking, the fresh stack takes
the braking over instead of releasing it.
"""

from functools import partial
from typing import NamedTuple

from stack.decision.diagnoses import CAMERA_BAD, RADAR_BAD, Diagnoses
from stack.decision.explanation import following_evidence, intervention_evidence, mode_evidence
from stack.decision.health import Health, Rules, fresh_health, monitored, rules_for
from stack.decision.intervention import IDLE, Intervention, Scene, Step, demand_mps2, intervened
from stack.decision.ladder import Move, Trigger, condition, moved
from stack.decision.override import DriverActs, driver_acts
from stack.decision.support import NO_OBJECTION, Withheld, Witnesses
from stack.decision.threats import NEVER, Acquaintance, acquainted, threats
from stack.decision.thresholds import Thresholds, thresholds_for
from stack.vocabulary import (
    NS_PER_MS,
    NS_PER_S,
    BrakingStage,
    Briefing,
    Decision,
    Diagnosis,
    DiagnosisReport,
    EgoMotion,
    Evidence,
    Hazard,
    HazardKind,
    HazardList,
    Manoeuvre,
    Mode,
    ModeChange,
    Output,
    Protection,
    SimNs,
    Stage,
    StageInput,
    StagePlan,
    WarningKind,
    topics,
)
from stack.vocabulary.construction import maker

_output, _made = maker(Output), maker(Manoeuvre)
EVERY_NS = 50 * NS_PER_MS
# Makes a NamedTuple of all its fields in order, without the constructor written in Python: many are made per second.
_quick = tuple.__new__
_NO_HAZARDS = HazardList(as_of=NEVER, hazards=(), speed_mps=0.0)
_WARNED_STAGES = (BrakingStage.WARNING, BrakingStage.PARTIAL, BrakingStage.FULL, BrakingStage.HOLD)


class Setup(NamedTuple):
    """What does not change during a run."""

    thresholds: Thresholds
    rules: Rules
    protected: bool


class Told(NamedTuple):
    """What the last published decision said, and when."""

    stage: BrakingStage = BrakingStage.NONE
    mode: Mode = Mode.NOMINAL
    warning: WarningKind = WarningKind.NONE
    withheld: Withheld = Withheld.NOTHING
    at: SimNs = NEVER


class State(NamedTuple):
    """Everything the decision stage remembers between two jobs. `mode_reason` tells the driver why."""

    health: tuple[Health, ...] = ()  # empty before the first job
    mode: Mode = Mode.NOMINAL
    mode_reason: str = ""
    hazards: HazardList = _NO_HAZARDS
    known: tuple[Acquaintance, ...] = ()
    intervention: Intervention = IDLE
    acts: DriverActs = DriverActs()
    inherited_done: bool = False
    following_since: SimNs = NEVER
    following_at: SimNs = NEVER
    warning_reason: str = ""
    told: Told = Told()


INITIAL = State()


def row(briefing: Briefing, plan: StagePlan) -> Stage:
    """Decision's row of the pipeline. Its queue must keep host events: never latest-only."""
    thresholds = thresholds_for(briefing)
    setup = Setup(thresholds, rules_for(thresholds), briefing.protection is Protection.ON)
    return Stage(
        name="decision",
        triggers=(topics.HAZARDS, topics.HOST_EVENTS),
        reads=(
            topics.RADAR_CHECK,
            topics.CAMERA_CHECK,
            topics.MOTION_CHECK,
            topics.MOTION_CHECKED,
            topics.ACTUATOR_STATUS,
            topics.RADAR_TARGETS,
            topics.CAMERA_TARGETS,
        ),
        publishes=(topics.MANOEUVRE, topics.DECISION, topics.MODE_CHANGE, topics.DIAGNOSIS),
        budget_ns=plan.budget_ns,
        watchdog_ns=plan.watchdog_ns,
        priority=plan.priority,
        queue=plan.queue,
        resource=plan.resource,
        initial=lambda: INITIAL,
        step=partial(step, setup),
        content=_content,
        every_ns=EVERY_NS,
        batch=True,
    )


def _content(given: StageInput) -> int:
    return sum(len(message.payload.hazards) for message in given.messages if message.topic == topics.HAZARDS)


def step(setup: Setup, state: State, given: StageInput) -> tuple[State, tuple[Output, ...]]:
    """One job: the next state and what to publish."""
    t, now = setup.thresholds, given.now
    newest = _newest_hazards(given)
    heard = given.latest.get(topics.MOTION_CHECKED)
    motion: EgoMotion | None = heard.payload if heard is not None else None
    before = state.health[0] if state.health else fresh_health(now, t)
    health, reports = monitored(before, given, newest, motion, setup.rules, t)
    outputs = [Output(topic=topics.DIAGNOSIS, payload=report) for report in reports]
    acts = driver_acts(state.acts, motion, t) if motion is not None else state.acts
    move, inherited_done = _ladder(setup, state, health, acts, now)
    mode = move.after
    if mode is not state.mode:
        outputs.append(Output(topic=topics.MODE_CHANGE, payload=_change(state.mode, move, reports)))
    hazards, known = state.hazards, state.known
    witnesses = _witnesses(mode, health.diagnoses)
    if newest is not None:
        hazards, known = newest, acquainted(known, newest, witnesses, now, t)
    scene = _scene(hazards, known, witnesses, mode, acts, motion, now, t)
    done = intervened(state.intervention, scene, t)
    since, at = _following(state, scene, t)
    remembered = (
        (health,),
        mode,
        state.mode_reason if mode is state.mode else move.why,
        hazards,
        known,
        done.after,
        acts,
        inherited_done,
        since,
        at,
        state.warning_reason,
        state.told,
    )
    after = _quick(State, remembered)
    warning = _warning(after, scene, t)
    after = _publish(after, done, warning, scene, motion, move, state, outputs, t)
    if not _quiet(health, now, t):
        outputs.append(_output(topic=topics.MANOEUVRE, payload=_manoeuvre(after, now, warning, t)))
    return after, tuple(outputs)


def _newest_hazards(given: StageInput) -> HazardList | None:
    newest: HazardList | None = None
    for message in given.messages:
        if message.topic == topics.HAZARDS and (newest is None or message.payload.as_of >= newest.as_of):
            newest = message.payload
    return newest


def _ladder(setup: Setup, state: State, health: Health, acts: DriverActs, now: SimNs) -> tuple[Move, bool]:
    """The ladder's move in this job, and whether an inherited braking has been dealt with."""
    if not setup.protected or (state.mode is Mode.NOMINAL and not health.diagnoses):
        return _STAY[state.mode], state.inherited_done
    t = setup.thresholds
    restarted = any(standing.diagnosis is Diagnosis.STACK_RESTARTED for standing in health.diagnoses)
    inherits = restarted and health.commands.inherits_braking and not state.inherited_done
    braking = state.intervention.stage in (BrakingStage.FULL, BrakingStage.HOLD) or inherits
    held = condition(health.diagnoses, braking)
    event = held
    if acts.takes_over:
        event = Trigger.DRIVER_TOOK_OVER
    elif _stands(state.intervention, now, t):
        event = Trigger.STANDSTILL
    move = moved(state.mode, event, held)
    return move, state.inherited_done or inherits


def _stands(intervention: Intervention, now: SimNs, t: Thresholds) -> bool:
    since = intervention.standstill_since
    return since >= 0 and (now - since) / NS_PER_S >= t.standstill_hold_s


_STAY = {mode: Move(mode, "unchanged") for mode in Mode}


def _change(before: Mode, move: Move, reports: tuple[DiagnosisReport, ...]) -> ModeChange:
    details = "; ".join(f"{report.diagnosis.value}: {report.reason}" for report in reports)
    return ModeChange(before=before, after=move.after, reason=f"{move.why} ({details})" if details else move.why)


def _witnesses(mode: Mode, diagnoses: Diagnoses) -> Witnesses:
    """Who can testify in this mode; when only warnings are left, whoever is still sound."""
    if mode is Mode.CAMERA_ONLY:
        return Witnesses.CAMERA
    if mode is Mode.RADAR_ONLY:
        return Witnesses.RADAR
    if mode is Mode.WARN_ONLY:
        present = {standing.diagnosis for standing in diagnoses}
        if not present.isdisjoint(RADAR_BAD):
            return Witnesses.CAMERA
        if not present.isdisjoint(CAMERA_BAD):
            return Witnesses.RADAR
    return Witnesses.BOTH


def _scene(
    hazards: HazardList,
    known: tuple[Acquaintance, ...],
    witnesses: Witnesses,
    mode: Mode,
    acts: DriverActs,
    motion: EgoMotion | None,
    now: SimNs,
    t: Thresholds,
) -> Scene:
    found = threats(hazards, known, witnesses, now, t) if hazards.hazards else ()
    age_s = (now - hazards.as_of) / NS_PER_S
    speed_mps = motion.speed_mps if motion is not None else hazards.speed_mps
    return _quick(Scene, (now, mode, found, hazards, age_s, speed_mps, acts))


def _following(state: State, scene: Scene, t: Thresholds) -> tuple[SimNs, SimNs]:
    """Since when the following distance has been too short, and when it last was."""
    if _too_close(scene, t) is not None:
        return (state.following_since if state.following_since >= 0 else scene.now), scene.now
    over = state.following_at >= 0 and (scene.now - state.following_at) / NS_PER_S >= t.following_after_s
    return (NEVER, NEVER) if over else (state.following_since, state.following_at)


def _too_close(scene: Scene, t: Thresholds) -> Hazard | None:
    """The vehicle followed too closely; an echo that no camera ever took for a road user is none."""
    if scene.speed_mps < t.active_from_mps or scene.hazards_age_s > t.hazards_fresh_within_s:
        return None
    for hazard in scene.hazards.hazards:
        seen = hazard.track.camera_at >= 0 and hazard.path_probability >= t.path_warn_ratio
        if seen and hazard.kind is HazardKind.FOLLOWING_DISTANCE:
            return hazard
    return None


def _warning(state: State, scene: Scene, t: Thresholds) -> WarningKind:
    """What the driver is shown, the gravest first."""
    if state.intervention.stage in _WARNED_STAGES:
        return WarningKind.FORWARD_COLLISION
    if state.mode is Mode.OFF:
        return WarningKind.SYSTEM_OFF
    if state.mode is not Mode.NOMINAL:
        return WarningKind.SYSTEM_DEGRADED
    since = state.following_since
    if since >= 0 and (scene.now - since) / NS_PER_S >= t.following_after_s:
        return WarningKind.FOLLOWING_DISTANCE
    return WarningKind.NONE


def _publish(
    after: State,
    done: Step,
    warning: WarningKind,
    scene: Scene,
    motion: EgoMotion | None,
    move: Move,
    before: State,
    outputs: list[Output],
    t: Thresholds,
) -> State:
    """Publish a decision if stage, mode, warning or withholding reason changed; the state that remembers it."""
    told, stage, withheld = after.told, after.intervention.stage, done.against.withheld
    same = told.stage is stage and told.mode is after.mode and told.warning is warning
    if same and told.withheld is withheld:
        return after
    if same and (done.against is NO_OBJECTION or (scene.now - told.at) / NS_PER_S < t.withheld_spacing_s):
        return after
    evidence = _evidence(after, done, warning, scene, motion, move, before, t)
    demand = demand_mps2(stage, t)
    decision = Decision(stage=stage, demand_mps2=demand, warning=warning, mode=after.mode, evidence=evidence)
    outputs.append(Output(topic=topics.DECISION, payload=decision))
    reason = after.warning_reason if warning is told.warning else _driver_words(after, warning, evidence)
    return after._replace(warning_reason=reason, told=Told(stage, after.mode, warning, withheld, scene.now))


def _evidence(
    after: State,
    done: Step,
    warning: WarningKind,
    scene: Scene,
    motion: EgoMotion | None,
    move: Move,
    before: State,
    t: Thresholds,
) -> Evidence:
    if after.mode is not before.mode:
        symptoms = tuple(standing.symptom for standing in after.health[0].diagnoses)
        return mode_evidence(before.mode, move, symptoms)
    too_close = _too_close(scene, t) if warning is WarningKind.FOLLOWING_DISTANCE else None
    if too_close is not None and after.intervention.stage is after.told.stage:
        return following_evidence(too_close, scene.speed_mps, t)
    return intervention_evidence(done, scene.speed_mps, motion, scene.now, t)


def _driver_words(after: State, warning: WarningKind, evidence: Evidence) -> str:
    if warning in (WarningKind.SYSTEM_OFF, WarningKind.SYSTEM_DEGRADED):
        return f"{after.mode.value}: {after.mode_reason}" if after.mode_reason else after.mode.value
    return evidence.rule


def _quiet(health: Health, now: SimNs, t: Thresholds) -> bool:
    """Whether requests wait for the actuator's first word after a restart."""
    restarted_at = health.host.restarted_at
    return restarted_at >= 0 and not health.commands.heard and (now - restarted_at) / NS_PER_S < t.restart_quiet_s


def _manoeuvre(state: State, now: SimNs, warning: WarningKind, t: Thresholds) -> Manoeuvre:
    demand = demand_mps2(state.intervention.stage, t)
    return _made(as_of=now, demand_mps2=demand, warning=warning, warning_reason=state.warning_reason)

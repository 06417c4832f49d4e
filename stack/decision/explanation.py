"""The evidence of a decision: its rule, what it saw, the threshold that decided, and what would have turned it."""

from stack.decision.intervention import Step, lead_s
from stack.decision.ladder import Move
from stack.decision.override import act_readings
from stack.decision.support import NO_OBJECTION, Objection
from stack.decision.symptoms import Symptom
from stack.decision.threats import Threat
from stack.decision.thresholds import Thresholds
from stack.vocabulary import NS_PER_S, BrakingStage, EgoMotion, Evidence, Hazard, Mode, Reading, SimNs


def seen_of(threat: Threat, speed_mps: float) -> tuple[Reading, ...]:
    """The readings a threat rests on."""
    hazard, track = threat.hazard, threat.hazard.track
    return (
        Reading(name="required deceleration", value=threat.braking.needed_mps2, unit="m/s²"),
        Reading(name="braking due in", value=threat.due_in_s, unit="s"),
        Reading(name="gap", value=hazard.gap_m, unit="m"),
        Reading(name="closing speed", value=hazard.closing_mps, unit="m/s"),
        Reading(name="time to collision", value=threat.braking.ttc_s, unit="s"),
        Reading(name="probability in path", value=hazard.path_probability, unit="ratio"),
        Reading(name="camera supports", value=float(track.camera_hits), unit="frames"),
        Reading(name="radar supports", value=float(track.radar_hits), unit="cycles"),
        Reading(name="own speed", value=speed_mps, unit="m/s"),
    )


def intervention_evidence(
    step: Step, speed_mps: float, motion: EgoMotion | None, now: SimNs, t: Thresholds
) -> Evidence:
    """Why the state machine stands where it stands."""
    if step.against is not NO_OBJECTION and step.threats:
        return _withheld(step.against, step.threats[0], speed_mps)
    stage = step.after.stage
    if stage is BrakingStage.FULL and step.threats:
        return _full(step, step.threats[0], speed_mps, now)
    if stage in (BrakingStage.WARNING, BrakingStage.PARTIAL) and step.threats:
        return _warned(step, step.threats[0], speed_mps, t)
    if stage is BrakingStage.OVERRIDDEN and motion is not None:
        limit = Reading(name="accelerator of a kick-down", value=t.override_accelerator_ratio, unit="ratio")
        words = (
            f"Had the driver kept the accelerator below {t.override_accelerator_ratio:.2f} and steered slower "
            f"than {t.override_steering_radps:.2f} rad/s, the intervention would have gone on."
        )
        return Evidence(rule=step.rule, saw=act_readings(motion), threshold=limit, counterfactual=words)
    return _ended(step, speed_mps, t)


def _full(step: Step, threat: Threat, speed_mps: float, now: SimNs) -> Evidence:
    warned_s = (now - step.after.warned_at) / NS_PER_S
    saw = (*seen_of(threat, speed_mps), Reading(name="time since the warning", value=warned_s, unit="s"))
    limit = Reading(name="required deceleration that starts full braking", value=threat.braking.limit_mps2, unit="m/s²")
    words = (
        f"With {threat.more_gap_m(0.0):.1f} m more gap the required deceleration would have been below "
        f"{threat.braking.limit_mps2:.2f} m/s² (it is {threat.braking.needed_mps2:.2f}) "
        "and full braking would not have begun yet."
    )
    return Evidence(rule=step.rule, saw=saw, threshold=limit, counterfactual=words)


def _warned(step: Step, threat: Threat, speed_mps: float, t: Thresholds) -> Evidence:
    lead = lead_s(threat, t)
    if step.after.stage is BrakingStage.PARTIAL:
        lead = t.partial_lead_s
    what = "partial braking" if step.after.stage is BrakingStage.PARTIAL else "warning"
    words = (
        f"With {threat.more_gap_m(lead):.1f} m more gap braking would have been due in more than {lead:.2f} s "
        f"(it is due in {threat.due_in_s:.2f} s) and there would have been no {what} yet."
    )
    limit = Reading(name=f"lead of the {what}", value=lead, unit="s")
    return Evidence(rule=step.rule, saw=seen_of(threat, speed_mps), threshold=limit, counterfactual=words)


def _withheld(against: Objection, threat: Threat, speed_mps: float) -> Evidence:
    saw = (*seen_of(threat, speed_mps), Reading(name=against.name, value=against.value, unit=against.unit))
    braking = threat.braking
    words = (
        f"With {against.name} at {against.limit:.2f} {against.unit} (it is {against.value:.2f}) this would not have "
        f"spoken against full braking: {braking.needed_mps2:.2f} m/s² is required, the limit is "
        f"{braking.limit_mps2:.2f} m/s²."
    )
    limit = Reading(name=f"limit of {against.name}", value=against.limit, unit=against.unit)
    return Evidence(rule=f"withhold: {against.withheld.value}", saw=saw, threshold=limit, counterfactual=words)


def _ended(step: Step, speed_mps: float, t: Thresholds) -> Evidence:
    saw = seen_of(step.threats[0], speed_mps) if step.threats else ()
    saw = saw or (Reading(name="own speed", value=speed_mps, unit="m/s"),)
    limit = Reading(name="closing speed that counts as danger", value=t.release_closing_mps, unit="m/s")
    words = (
        f"An object in the path closed upon faster than {t.release_closing_mps:.2f} m/s and due for braking "
        f"within {t.warning_lead_s + t.hmi_allowance_s:.2f} s would have kept or begun an intervention."
    )
    return Evidence(rule=step.rule, saw=saw, threshold=limit, counterfactual=words)


def mode_evidence(before: Mode, move: Move, symptoms: tuple[Symptom, ...]) -> Evidence:
    """Why the ladder moved: the readings of the diagnoses that stand, or what earned the way up."""
    rule = f"ladder: {before.value} to {move.after.value}: {move.why}"
    if not symptoms:
        none = Reading(name="standing diagnoses", value=0.0, unit="diagnoses")
        limit = Reading(name="standing diagnoses that hold a lower mode", value=1.0, unit="diagnoses")
        words = f"With 1 standing diagnosis (there is none) the mode would have stayed {before.value}."
        return Evidence(rule=rule, saw=(none,), threshold=limit, counterfactual=words)
    first = symptoms[0]
    words = (
        f"With {first.name} within {first.limit:.2f} {first.unit} (it is {first.value:.2f}) "
        f"{first.diagnosis.value} would not stand."
    )
    saw = tuple(symptom.seen for symptom in symptoms)
    return Evidence(rule=rule, saw=saw, threshold=first.threshold, counterfactual=words)


def following_evidence(hazard: Hazard, speed_mps: float, t: Thresholds) -> Evidence:
    """Why the driver is told to keep more distance: a warning only."""
    gap_s = hazard.gap_m / speed_mps if speed_mps > 0.0 else 0.0
    saw = (
        Reading(name="time gap", value=gap_s, unit="s"),
        Reading(name="gap", value=hazard.gap_m, unit="m"),
        Reading(name="own speed", value=speed_mps, unit="m/s"),
    )
    limit = Reading(name="time too close before the warning", value=t.following_after_s, unit="s")
    words = (
        f"A gap of more than {hazard.gap_m:.1f} m, kept within {t.following_after_s:.2f} s of falling short, "
        "would have brought no warning."
    )
    return Evidence(rule="warn: following distance too short", saw=saw, threshold=limit, counterfactual=words)

"""The health monitor: all watches together, from readings to symptoms to diagnoses.

Watches hold what was last seen of each sensor, of the computer, of the way to the brakes and of the
sensors' agreement. Symptoms that another symptom explains are left out, so that faults are told apart.
"""

from collections.abc import Mapping
from typing import NamedTuple

from stack.decision.agreement_watch import AgreementWatch, agreement_symptoms, watched_echoes, watched_hazards
from stack.decision.command_watch import (
    CommandWatch,
    command_symptoms,
    fresh_commands,
    watched_deceleration,
    watched_status,
)
from stack.decision.diagnoses import CAMERA_BAD, MOTION_BAD, RADAR_BAD, Diagnoses, judged
from stack.decision.host_watch import HostWatch, Outputs, host_symptoms, watched_event, watched_outputs
from stack.decision.sensor_watch import (
    SensorRules,
    SensorWatch,
    disordered,
    fresh_watch,
    rules_for,
    symptoms_of,
    watched,
)
from stack.decision.symptoms import Symptom, Symptoms
from stack.decision.thresholds import Thresholds
from stack.vocabulary import (
    NS_PER_S,
    Diagnosis,
    DiagnosisReport,
    EgoMotion,
    HazardList,
    HostEvent,
    Message,
    SimNs,
    StageInput,
    topics,
)

Rules = tuple[SensorRules, SensorRules, SensorRules]
NEVER = SimNs(-1)
# Makes a NamedTuple of all its fields in order, without the constructor written in Python: many are made per second.
_quick = tuple.__new__


class Health(NamedTuple):
    """Everything the monitor remembers."""

    booted_at: SimNs
    camera: SensorWatch
    radar: SensorWatch
    motion: SensorWatch
    commands: CommandWatch
    host: HostWatch
    agreement: AgreementWatch
    hazards_at: SimNs
    diagnoses: Diagnoses


def fresh_health(now: SimNs, t: Thresholds) -> Health:
    """The monitor at boot."""
    sensor = fresh_watch(now, t)
    return Health(now, sensor, sensor, sensor, fresh_commands(now, t), HostWatch(), AgreementWatch(), now, ())


def monitored(
    health: Health,
    given: StageInput,
    hazards: HazardList | None,
    motion: EgoMotion | None,
    rules: Rules,
    t: Thresholds,
) -> tuple[Health, tuple[DiagnosisReport, ...]]:
    """The monitor after one job: `hazards` is a new list if one came, `motion` the latest ego motion."""
    now, latest = given.now, given.latest
    camera = watched(health.camera, latest.get(topics.CAMERA_CHECK), now, rules[0], t)
    radar = watched(health.radar, latest.get(topics.RADAR_CHECK), now, rules[1], t)
    moving = watched(health.motion, latest.get(topics.MOTION_CHECK), now, rules[2], t)
    commands = watched_status(health.commands, latest.get(topics.ACTUATOR_STATUS), now, t)
    if motion is not None:
        commands = watched_deceleration(commands, motion, now, t)
    camera_targets, radar_targets = latest.get(topics.CAMERA_TARGETS), latest.get(topics.RADAR_TARGETS)
    agreement = watched_echoes(health.agreement, radar_targets, camera_targets, now, t)
    hazards_at = health.hazards_at
    if hazards is not None:
        agreement = watched_hazards(agreement, hazards, now, t)
        hazards_at = hazards.as_of
    host = health.host
    for message in given.messages:
        if message.topic == topics.HOST_EVENTS:
            event: HostEvent = message.payload
            host = watched_event(host, event, disordered(camera, now, t), disordered(radar, now, t), now, t)
    host = watched_outputs(host, _outputs(health.booted_at, camera, radar, latest, hazards_at), now)
    known = health.diagnoses
    after = _quick(Health, (health.booted_at, camera, radar, moving, commands, host, agreement, hazards_at, known))
    symptoms = _symptoms(after, now, rules, t)
    diagnoses, reports = judged(known, symptoms, now, t)
    return after if diagnoses is known else after._replace(diagnoses=diagnoses), reports


def _outputs(
    booted_at: SimNs, camera: SensorWatch, radar: SensorWatch, latest: Mapping[str, Message], hazards_at: SimNs
) -> Outputs:
    """True instants of what went into the stages and of what came out; before any output, the boot."""
    camera_made, radar_made = latest.get(topics.CAMERA_TARGETS), latest.get(topics.RADAR_TARGETS)
    outputs = (
        camera.true_at,
        booted_at if camera_made is None else camera_made.true_at,
        radar.true_at,
        booted_at if radar_made is None else radar_made.true_at,
        hazards_at,
    )
    return _quick(Outputs, outputs)


def _symptoms(health: Health, now: SimNs, rules: Rules, t: Thresholds) -> Symptoms:
    found = symptoms_of(health.camera, now, rules[0], t) + symptoms_of(health.radar, now, rules[1], t)
    sensors_well = not found
    found += symptoms_of(health.motion, now, rules[2], t) + host_symptoms(health.host, now, t)
    if sensors_well:
        found += agreement_symptoms(health.agreement, now, t)
    found += command_symptoms(health.commands, now, t)
    return found + _restart(health, found, now, t)


def _restart(health: Health, found: Symptoms, now: SimNs, t: Thresholds) -> Symptoms:
    """After a restart: not ready until each sensor was heard or is diagnosed, and hazards flow."""
    if health.host.restarted_at < 0:
        return ()
    ill = {symptom.diagnosis for symptom in found}
    ready = (
        (health.camera.heard or not ill.isdisjoint(CAMERA_BAD))
        and (health.radar.heard or not ill.isdisjoint(RADAR_BAD))
        and (health.motion.heard or not ill.isdisjoint(MOTION_BAD))
        and (health.hazards_at > health.booted_at or bool(ill))
    )
    if ready and (health.host.restarted_at != now):
        return ()
    since_s = (now - health.host.restarted_at) / NS_PER_S
    name = "time since the restart without re-initialisation"
    return (Symptom(Diagnosis.STACK_RESTARTED, name, since_s, 0.0, "s"),)


__all__ = ["Health", "Rules", "fresh_health", "monitored", "rules_for"]

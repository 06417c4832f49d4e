"""The degradation ladder: modes, triggers, and one table of all transitions.

    nominal -> camera_only | radar_only -> warn_only -> off (driver told), and minimal_risk

Conditions are chosen top-down, the gravest first. The minimal-risk reaction is left only at
standstill or by the driver; that a message is missing, or found again, never ends it.
"""

from enum import Enum
from typing import NamedTuple

from stack.decision.diagnoses import CAMERA_BAD, COMMANDS_BAD, MOTION_BAD, RADAR_BAD, Diagnoses
from stack.vocabulary import Diagnosis, Mode


class Trigger(Enum):
    """What moves the ladder. The first two are events; of the others exactly one holds at any time."""

    DRIVER_TOOK_OVER = "driver_took_over"
    STANDSTILL = "standstill"
    BRAKING_UNSUPPORTED = "braking_unsupported"  # one of the next three while brakes are applied
    RESTARTED = "restarted"
    MOTION_LOST = "motion_lost"
    PERCEPTION_LOST = "perception_lost"
    COMMANDS_DOUBTFUL = "commands_doubtful"
    TIMING_DOUBTFUL = "timing_doubtful"
    SENSORS_DISAGREE = "sensors_disagree"
    RADAR_LOST = "radar_lost"
    CAMERA_LOST = "camera_lost"
    ALL_WELL = "all_well"


class Move(NamedTuple):
    """Where a trigger leads and why; for a way up, what earned it."""

    after: Mode
    why: str


_CALLED_FOR: dict[Trigger, Move] = {
    Trigger.BRAKING_UNSUPPORTED: Move(
        Mode.MINIMAL_RISK, "brakes are applied and nothing is left to judge by: hold to standstill"
    ),
    Trigger.RESTARTED: Move(Mode.OFF, "all states are fresh: off until initialised again"),
    Trigger.MOTION_LOST: Move(Mode.OFF, "own motion is unknown"),
    Trigger.PERCEPTION_LOST: Move(Mode.OFF, "neither camera nor radar can be used"),
    Trigger.COMMANDS_DOUBTFUL: Move(Mode.WARN_ONLY, "the way to the brakes is not sound"),
    Trigger.TIMING_DOUBTFUL: Move(Mode.WARN_ONLY, "the computer misses its deadlines"),
    Trigger.SENSORS_DISAGREE: Move(Mode.WARN_ONLY, "camera and radar contradict each other"),
    Trigger.RADAR_LOST: Move(Mode.CAMERA_ONLY, "the radar cannot be used"),
    Trigger.CAMERA_LOST: Move(Mode.RADAR_ONLY, "the camera cannot be used"),
    Trigger.ALL_WELL: Move(Mode.NOMINAL, "no diagnosis stands"),
}

_EVENTS = (Trigger.DRIVER_TOOK_OVER, Trigger.STANDSTILL)

_LEAVES_MINIMAL_RISK: dict[Trigger, Move] = {
    Trigger.DRIVER_TOOK_OVER: Move(Mode.OFF, "earned by the driver's own act"),
    Trigger.STANDSTILL: Move(Mode.OFF, "earned by standstill"),
}

_GRAVITY = {
    Mode.NOMINAL: 0,
    Mode.CAMERA_ONLY: 1,
    Mode.RADAR_ONLY: 1,
    Mode.WARN_ONLY: 2,
    Mode.OFF: 3,
    Mode.MINIMAL_RISK: 4,
}


def _move(mode: Mode, trigger: Trigger) -> Move:
    if mode is Mode.MINIMAL_RISK:
        return _LEAVES_MINIMAL_RISK.get(trigger, Move(mode, "kept until standstill or the driver's act"))
    if trigger in _EVENTS:
        return Move(mode, "means nothing in this mode")
    called = _CALLED_FOR[trigger]
    if called.after is not mode and _GRAVITY[called.after] <= _GRAVITY[mode]:
        return Move(called.after, f"earned by health: what held {mode.value} has gone; {called.why}")
    return called


TRANSITIONS: dict[tuple[Mode, Trigger], Move] = {
    (mode, trigger): _move(mode, trigger) for mode in Mode for trigger in Trigger
}


def condition(diagnoses: Diagnoses, braking: bool) -> Trigger:
    """The gravest condition that the standing diagnoses make; `braking`: brakes are applied now."""
    present = {standing.diagnosis for standing in diagnoses}
    if not present:
        return Trigger.ALL_WELL
    radar_lost, camera_lost = not present.isdisjoint(RADAR_BAD), not present.isdisjoint(CAMERA_BAD)
    unsupported = Trigger.ALL_WELL
    if Diagnosis.STACK_RESTARTED in present:
        unsupported = Trigger.RESTARTED
    elif not present.isdisjoint(MOTION_BAD):
        unsupported = Trigger.MOTION_LOST
    elif radar_lost and camera_lost:
        unsupported = Trigger.PERCEPTION_LOST
    if unsupported is not Trigger.ALL_WELL:
        return Trigger.BRAKING_UNSUPPORTED if braking else unsupported
    if not present.isdisjoint(COMMANDS_BAD):
        return Trigger.COMMANDS_DOUBTFUL
    if Diagnosis.DEADLINES_MISSED in present:
        return Trigger.TIMING_DOUBTFUL
    if Diagnosis.SENSORS_DISAGREE in present:
        return Trigger.SENSORS_DISAGREE
    return Trigger.RADAR_LOST if radar_lost else Trigger.CAMERA_LOST


def moved(mode: Mode, event: Trigger, held: Trigger) -> Move:
    """One step of the ladder: the event counts first, then the condition; at most one transition.

    `event` is DRIVER_TOOK_OVER, STANDSTILL, or `held` itself where nothing happened.
    """
    by_event = TRANSITIONS[mode, event]
    return by_event if by_event.after is not mode else TRANSITIONS[mode, held]

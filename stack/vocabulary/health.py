"""Alive, degraded, failed: modes of the ladder, diagnoses, and what the host reports of itself."""

from dataclasses import dataclass
from enum import Enum

from stack.vocabulary.instants import SimNs


class Mode(Enum):
    """The degradation ladder, from full function to none, and the minimal-risk reaction."""

    NOMINAL = "nominal"
    CAMERA_ONLY = "camera_only"
    RADAR_ONLY = "radar_only"
    WARN_ONLY = "warn_only"
    OFF = "off"
    MINIMAL_RISK = "minimal_risk"


class Diagnosis(Enum):
    """What the health monitor can conclude. Fault files name the one that counts as right."""

    CAMERA_SILENT = "camera_silent"  # no usable frame for too long
    CAMERA_FROZEN = "camera_frozen"  # fresh stamps, repeated content
    CAMERA_BLIND = "camera_blind"  # image health below limit
    CAMERA_IMPLAUSIBLE = "camera_implausible"  # contents contradict themselves
    CAMERA_DEGRADED = "camera_degraded"  # too many frames late, lost or out of order
    RADAR_SILENT = "radar_silent"
    RADAR_FROZEN = "radar_frozen"
    RADAR_BLIND = "radar_blind"  # noise floor too high, or no echo where there must be some
    RADAR_IMPLAUSIBLE = "radar_implausible"
    RADAR_DEGRADED = "radar_degraded"
    SENSORS_DISAGREE = "sensors_disagree"
    EGO_MOTION_SILENT = "ego_motion_silent"
    EGO_MOTION_IMPLAUSIBLE = "ego_motion_implausible"
    CAMERA_STAGE_HUNG = "camera_stage_hung"
    RADAR_STAGE_HUNG = "radar_stage_hung"
    DEADLINES_MISSED = "deadlines_missed"
    STACK_RESTARTED = "stack_restarted"
    COMMANDS_REFUSED = "commands_refused"  # the actuator refuses requests (counter, checksum)
    COMMANDS_LOST = "commands_lost"  # requests do not reach the actuator
    ACTUATOR_WEAK = "actuator_weak"  # deceleration stays below what was demanded


@dataclass(frozen=True, slots=True, kw_only=True)
class DiagnosisReport:
    """A diagnosis appeared or went away."""

    diagnosis: Diagnosis
    present: bool
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModeChange:
    """The ladder moved, and what earned it."""

    before: Mode
    after: Mode
    reason: str


class HostEventKind(Enum):
    """What a host tells the stack about itself."""

    DEADLINE_MISSED = "deadline_missed"  # a job finished later than its budget after release
    STAGE_KILLED = "stage_killed"  # the watchdog ended a job that overran
    STACK_CRASHED = "stack_crashed"  # a stage raised; on the record only, as nobody is there to be told
    STACK_RESTARTED = "stack_restarted"  # all states are fresh


@dataclass(frozen=True, slots=True, kw_only=True)
class HostEvent:
    """One event of the host; `stage` is empty for the whole stack."""

    kind: HostEventKind
    stage: str
    at: SimNs


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorCheck:
    """Ingest's finding on one delivered sensor message; counters run since the stack booted.

    `repeats` counts consecutive messages with the same content (0: fresh content). `lost_total`
    counts missing sequence numbers, `refused_total` messages ingest did not pass on, and
    `disordered_total` messages older than one already seen. `health_ratio` is the sensor's own
    quality figure (camera image health; radar: 1 minus its interference share).
    """

    topic: str
    true_at: SimNs
    age_ns: int
    accepted: bool
    reason: str
    repeats: int
    accepted_total: int
    lost_total: int
    refused_total: int
    disordered_total: int
    health_ratio: float

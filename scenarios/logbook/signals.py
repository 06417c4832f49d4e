"""Numbers to plot and sentences to read, made from what a run tells.

Numbers go to JSON channels, one object per instant; what does not exist just then is null. Sentences
go to one log: decisions with their reasons, warnings, modes, diagnoses, events of host and world.
"""

from math import isfinite

from faults.triggers import NEAREST_AHEAD, approach_to
from scenarios.logbook import drawing
from scenarios.logbook.parts import record_extra
from sim.attachments import NEVER, FaultAccount
from sim.recording import JobLedger
from sim.truth import ACCELERATION, BRAKE, EGO, PATH_OFFSET, SPEED, STEER, BrakeOnset, Contact, TruthFrame, WorldEvent
from stack.vocabulary import (
    NS_PER_MS,
    BrakeRequest,
    Decision,
    DiagnosisReport,
    DriverWarning,
    HazardList,
    HostEvent,
    HostEventKind,
    Mode,
    ModeChange,
    SimNs,
    s_from_ns,
)

try:
    from foxglove.messages import Log, LogLevel
except ModuleNotFoundError as absent:
    raise record_extra(absent) from absent

EGO_SIGNALS, BELIEF_SIGNALS, DEMAND_SIGNALS, MODE_SIGNALS = (
    "/signals/ego", "/signals/belief", "/signals/demand", "/signals/mode",
)  # fmt: skip
MODE_NUMBERS = {mode: number for number, mode in enumerate(Mode)}  # 0 nominal ... 4 off, 5 minimal risk

Signals = dict[str, float | None]


def finite(value: float) -> float | None:
    """The number, or nothing where a plot could not show it."""
    return float(value) if isfinite(value) else None


def ego_signals(frame: TruthFrame) -> Signals:
    """What the ego does, and how it stands to the nearest road user ahead in its path."""
    row = frame.state[EGO]
    ahead = approach_to(frame, NEAREST_AHEAD)
    return {
        "speed_mps": float(row[SPEED]),
        "acceleration_mps2": float(row[ACCELERATION]),
        "braking_mps2": float(row[BRAKE]),
        "steer_rad": float(row[STEER]),
        "path_offset_m": float(row[PATH_OFFSET]),
        "gap_m": finite(ahead.gap_m),
        "closing_mps": float(ahead.closing_mps) if isfinite(ahead.gap_m) else None,
        "ttc_s": finite(ahead.ttc_s),
    }


def belief_signals(hazards: HazardList) -> Signals:
    """The most urgent hazard as the stack sees it."""
    if not hazards.hazards:
        return {"gap_m": None, "ttc_s": None, "closing_mps": None, "required_mps2": None, "path_probability": None}
    first = hazards.hazards[0]
    return {
        "gap_m": finite(first.gap_m),
        "ttc_s": finite(first.time_to_collision_s),
        "closing_mps": finite(first.closing_mps),
        "required_mps2": finite(first.required_deceleration_mps2),
        "path_probability": finite(first.path_probability),
    }


def demand_signals(request: BrakeRequest) -> Signals:
    """What the brakes are asked for."""
    return {"demand_mps2": request.demand_mps2}


def mode_signals(mode: Mode) -> Signals:
    """The ladder's rung as a number."""
    return {"mode": float(MODE_NUMBERS[mode])}


def latency_topic(stage: str) -> str:
    """Where a stage's latencies are plotted."""
    return f"/latency/{stage}"


def job_signals(job: JobLedger) -> Signals:
    """How long a job waited and computed, and how old its data were when it was done."""
    done = job.finished_at if job.finished_at >= 0 else None
    return {
        "queue_ms": (job.started_at - job.released_at) / NS_PER_MS,
        "compute_ms": None if done is None else (done - job.started_at) / NS_PER_MS,
        "age_ms": None if done is None else (done - job.slot) / NS_PER_MS,
    }


# -- sentences ----------------------------------------------------------------------------------


def payload_log(payload: object, at: SimNs) -> Log | None:
    """The sentence of something that left the stack; nothing for what is no event."""
    if isinstance(payload, Decision):
        why = payload.evidence
        words = f"{payload.stage.value}, {payload.demand_mps2:.2f} m/s²: {why.rule}. {why.counterfactual}"
        return _log(at, LogLevel.Info, "decision", words)
    if isinstance(payload, DriverWarning):
        return _log(at, LogLevel.Warning, "warning", f"{payload.kind.value}: {payload.reason}")
    if isinstance(payload, ModeChange):
        return _log(at, LogLevel.Warning, "mode", f"{payload.before.value} to {payload.after.value}: {payload.reason}")
    if isinstance(payload, DiagnosisReport):
        state = "stands" if payload.present else "is gone"
        return _log(at, LogLevel.Warning, "diagnosis", f"{payload.diagnosis.value} {state}: {payload.reason}")
    return None


def host_log(event: HostEvent) -> Log:
    """A host event's sentence."""
    level = LogLevel.Warning if event.kind is HostEventKind.DEADLINE_MISSED else LogLevel.Error
    return _log(event.at, level, "host", f"{event.kind.value} {event.stage}".strip())


def world_log(event: WorldEvent) -> Log:
    """A world event's sentence."""
    if isinstance(event, Contact):
        words = f"contact of {event.first} and {event.second} at {event.relative_speed_mps:.2f} m/s"
        return _log(event.at, LogLevel.Fatal, "world", words)
    if isinstance(event, BrakeOnset):
        return _log(event.at, LogLevel.Info, "world", f"the brakes begin to act, request {event.request_sequence}")
    return _log(event.at, LogLevel.Info, "world", f"{event.actor} begins manoeuvre {event.index}")


def fault_logs(account: FaultAccount, ended_at: SimNs) -> list[tuple[SimNs, Log]]:
    """A fault's onset and end as sentences."""
    if account.opened_at == NEVER:
        return []
    logs = [(account.opened_at, f"{account.name} ({account.taxonomy_id}) begins")]
    if account.closed_at <= ended_at:
        logs.append((account.closed_at, f"{account.name} ends, it acted {account.altered} times"))
    return [(at, _log(at, LogLevel.Error, "fault", words)) for at, words in logs]


def _log(at: SimNs, level: LogLevel, name: str, words: str) -> Log:
    return Log(timestamp=drawing.stamp(at), level=level, name=name, message=f"{s_from_ns(at):.3f} s {words}")

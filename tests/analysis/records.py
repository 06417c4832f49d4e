"""Builds small records by hand: a truck drives at something, with warnings, braking and faults as told.

The drive is integrated here on a 10 ms grid with first-order brakes, apart from the twin, so that the
judge is tested against numbers that can be worked out on paper.
"""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from analysis.criteria import Certainty, Criterion, CriterionKind, Preconditions
from sim.attachments import NEVER, FaultAccount
from sim.ports import StageAccount
from sim.recording import BrakeLedger, DriverAct, Ending, JobLedger, RunRecord, WarningLedger
from sim.truth import (
    ACCELERATION,
    BRAKE,
    COLUMNS,
    PATH_OFFSET,
    SPEED,
    ActorKind,
    BrakeOnset,
    Conditions,
    Contact,
    Roster,
    WorldEvent,
    X,
    Y,
)
from stack.vocabulary import (
    BrakeRequest,
    BrakingStage,
    Decision,
    Diagnosis,
    DiagnosisReport,
    DriverWarning,
    Evidence,
    Message,
    Mode,
    ModeChange,
    Reading,
    SimNs,
    StageStamp,
    WarningKind,
    demand_steps,
    ns_from_s,
    request_checksum,
    topics,
)

GRID_NS = 10_000_000
KMH = 1.0 / 3.6
TRUCK = (10.0, 2.5)
DEAD_TIME_S, LAG_S = 0.2, 0.29


@dataclass(frozen=True, kw_only=True)
class Drive:
    """What happens: instants in s (below 0: never), demands in m/s², gap between front edge and target."""

    run_id: str = "lead_stands+none#7"
    speed_mps: float = 80.0 * KMH
    gap_m: float = 80.0 * KMH * 7.0
    target_speed_mps: float = 0.0
    target_kind: ActorKind = ActorKind.SOFT_TARGET
    target_y_m: float = 0.0
    target_lateral_mps: float = 0.0
    warn_s: float = 3.5
    brake_s: float = 4.5
    demand_mps2: float = 6.0
    brake_ends_s: float = 1e6
    limit_s: float = 14.0
    functional_s: float = 2.0
    ending: Ending | None = None
    offset_m: float = 0.0
    modes: tuple[tuple[float, Mode], ...] = ()
    diagnoses: tuple[tuple[float, Diagnosis], ...] = ()
    told: tuple[tuple[float, WarningKind], ...] = ()
    faults: tuple[FaultAccount, ...] = ()
    deadman_s: tuple[float, ...] = ()
    acts_s: tuple[float, ...] = ()
    more_events: tuple[WorldEvent, ...] = ()
    bystanders: tuple[tuple[float, float], ...] = field(default=())


def fault(name: str = "camera_freezes", at_s: float = 3.0, until_s: float = 6.0, **changes: Any) -> FaultAccount:
    """A fault that acted as planned, unless told otherwise."""
    account = FaultAccount(
        name=name,
        taxonomy_id="camera.stuck_frame",
        expected_diagnoses=("camera_frozen",),
        expected_modes=("radar_only",),
        trigger="instant",
        opened_at=ns_from_s(at_s),
        closed_at=ns_from_s(until_s),
        altered=30,
        first_effect_at=ns_from_s(at_s + 0.02),
    )
    return replace(account, **changes)


NEVER_CAME = {"opened_at": NEVER, "closed_at": NEVER, "altered": 0, "first_effect_at": NEVER}


def build(drive: Drive | None = None, **changes: Any) -> RunRecord:
    """The record of a drive."""
    told = replace(drive or Drive(), **changes)
    at_ns, truth, contact = _drive(told)
    ended_at = SimNs(int(at_ns[-1]))
    requests = _requests(told, at_ns, truth, ended_at)
    onset = tuple(
        BrakeOnset(at=entry.onset_at, request_sequence=entry.message.sequence)
        for entry in requests
        if entry.onset_at >= 0
    )
    events = (*told.more_events, *onset, *((contact,) if contact is not None else ()))
    ending = told.ending or (Ending.CONTACT if contact is not None else Ending.SETTLED)
    return RunRecord(
        run_id=told.run_id,
        seed=7,
        roster=_roster(told),
        conditions=Conditions(friction_ratio=0.8, visibility_m=2000.0, illuminance_lx=20000.0),
        truth_at=at_ns,
        truth=truth,
        events=events,
        sensed=_sensed(told, ended_at),
        requests=requests,
        warnings=_warnings(told),
        modes=_modes(told),
        diagnoses=tuple(
            _message(topics.DIAGNOSIS, i, s, DiagnosisReport(diagnosis=d, present=True, reason="limit passed"))
            for i, (s, d) in enumerate(told.diagnoses)
        ),
        decisions=_decisions(told),
        jobs=_jobs(ended_at),
        accounts=_accounts(),
        host_events=(),
        deadman_at=tuple(ns_from_s(s) for s in told.deadman_s),
        driver_acts=tuple(DriverAct(at=ns_from_s(s), act="brakes", reason="saw the warning") for s in told.acts_s),
        faults=told.faults,
        functional_part_at=ns_from_s(told.functional_s),
        ended_at=ended_at,
        ending=ending,
        record_hash="0" * 64,
    )


def criterion(
    kind: CriterionKind, limit: float = 0.0, certainty: Certainty = Certainty.EXTRACTED, clause: str = "5.2.1.4"
) -> Criterion:
    """A criterion of UN R131."""
    return Criterion(kind=kind, limit=limit, clause=clause, source="UN R131 02 series", certainty=certainty)


def must_brake(impact_kmh: float = 28.0) -> tuple[Criterion, ...]:
    """The usual must-brake set, column D at 80 km/h."""
    return (
        criterion(CriterionKind.IMPACT_SPEED_AT_MOST, impact_kmh * KMH, clause="6.4 Table 1 D/80"),
        criterion(CriterionKind.WARNING_BEFORE_BRAKING_AT_LEAST, 0.8, clause="5.2.1.1"),
        criterion(CriterionKind.DEMAND_AT_LEAST, 4.0, clause="5.2.1.2"),
    )


def must_not_brake() -> tuple[Criterion, ...]:
    """Neither warning nor braking."""
    return (
        criterion(CriterionKind.NO_BRAKING, clause="6.8"),
        criterion(CriterionKind.NO_COLLISION_WARNING, clause="6.8"),
    )


def approach(**changes: Any) -> Preconditions:
    """80 ± 2 km/h, 0.2 m, from the first second."""
    base = Preconditions(from_s=0.5, speed_low_mps=78.0 * KMH, speed_high_mps=82.0 * KMH, offset_max_m=0.2)
    return replace(base, **changes)


def _drive(told: Drive) -> tuple[np.ndarray, np.ndarray, Contact | None]:
    dt = GRID_NS * 1e-9
    rows: list[np.ndarray] = []
    ego_x, speed, brake = 0.0, told.speed_mps, 0.0
    target_x = 0.5 * TRUCK[0] + told.gap_m + 0.5 * _size(told.target_kind)[0]
    target_y, rest_s = told.target_y_m, 0.0
    contact: Contact | None = None
    for index in range(round(told.limit_s / dt) + 1):
        now_s = index * dt
        rows.append(_state(told, ego_x, speed, brake, target_x, target_y))
        gap = target_x - ego_x - 0.5 * (TRUCK[0] + _size(told.target_kind)[0])
        beside = abs(target_y) >= 0.5 * (TRUCK[1] + _size(told.target_kind)[1])
        if gap <= 0.0 and not beside:
            contact = _contact(told, SimNs(index * GRID_NS), speed)
            break
        rest_s = rest_s + dt if speed <= 0.0 else 0.0
        if rest_s > 0.5:
            break
        begun = told.brake_s >= 0.0 and told.brake_s + DEAD_TIME_S <= now_s < told.brake_ends_s + DEAD_TIME_S
        demand = told.demand_mps2 if begun else 0.0
        brake += (demand - brake) * dt / LAG_S
        new_speed = max(speed - brake * dt, 0.0)
        ego_x += 0.5 * (speed + new_speed) * dt
        speed = new_speed
        target_x += told.target_speed_mps * dt
        target_y += told.target_lateral_mps * dt
    at_ns = np.arange(len(rows), dtype=np.int64) * GRID_NS
    return at_ns, np.stack(rows), contact


def _state(told: Drive, ego_x: float, speed: float, brake: float, target_x: float, target_y: float) -> np.ndarray:
    state = np.zeros((2 + len(told.bystanders), COLUMNS))
    state[0, [X, SPEED, BRAKE, PATH_OFFSET]] = ego_x, speed, brake, told.offset_m
    state[0, ACCELERATION] = -brake if speed > 0.0 else 0.0
    state[1, [X, Y, SPEED, 4]] = target_x, target_y, told.target_speed_mps, told.target_lateral_mps
    for index, (x_m, y_m) in enumerate(told.bystanders):
        state[2 + index, [X, Y]] = x_m, y_m
    return state


def _contact(told: Drive, at: SimNs, speed: float) -> Contact:
    relative = float(np.hypot(speed - told.target_speed_mps, told.target_lateral_mps))
    return Contact(
        at=at, first="ego", second="lead", x_m=0.0, y_m=0.0, relative_speed_mps=relative, delta_v_mps=0.5 * relative
    )


def _size(kind: ActorKind) -> tuple[float, float]:
    return (0.5, 0.5) if kind in (ActorKind.ADULT, ActorKind.CHILD) else (4.0, 1.8)


def _roster(told: Drive) -> Roster:
    count = 2 + len(told.bystanders)
    sizes = [(*TRUCK, 3.5), (*_size(told.target_kind), 1.6), *((4.5, 1.8, 1.5) for _ in told.bystanders)]
    return Roster(
        names=("ego", "lead", *(f"parked_{i}" for i in range(len(told.bystanders)))),
        kinds=(ActorKind.TRUCK, told.target_kind, *(ActorKind.CAR for _ in told.bystanders)),
        entities=np.arange(count, dtype=np.uint32),
        size_m=np.array(sizes),
        clearance_m=np.zeros(count),
        mass_kg=np.array([26000.0, 1400.0, *(1400.0 for _ in told.bystanders)]),
    )


def _requests(told: Drive, at_ns: np.ndarray, truth: np.ndarray, ended_at: SimNs) -> tuple[BrakeLedger, ...]:
    """One request every 50 ms; the first of the episode is applied at exactly `brake_s`."""
    entries: list[BrakeLedger] = []
    opener = -1
    start = ns_from_s(told.brake_s) % 50_000_000 if told.brake_s >= 0 else 0
    for sequence, applied in enumerate(range(start, ended_at + 1, 50_000_000)):
        applied_s = applied * 1e-9
        braking = told.brake_s >= 0 and told.brake_s - 1e-9 <= applied_s < told.brake_ends_s
        demand = told.demand_mps2 if braking else 0.0
        opens = braking and opener < 0
        opener = sequence if opens else (opener if braking else -1)
        onset = SimNs(applied + 200_000_000) if opens and applied + 200_000_000 <= ended_at else SimNs(-1)
        entries.append(_request(sequence, SimNs(applied), demand, onset, -1 if opens else opener))
    return tuple(entries)


def _request(sequence: int, applied: SimNs, demand: float, onset: SimNs, part_of: int) -> BrakeLedger:
    published = SimNs(applied - 8_000_000)
    raw = demand_steps(demand)
    payload = BrakeRequest(raw_demand=raw, counter=sequence % 15, checksum=request_checksum(raw, sequence % 15))
    names = (("ingest", 0.4), ("radar_perception", 6.0), ("tracking", 4.0), ("risk", 2.0), ("decision", 1.5))
    stamps: list[StageStamp] = []
    finished = published - 16_000_000
    released = SimNs(finished)
    for name, cost_ms in (*names, ("actuation", 0.5)):
        started = SimNs(released + 266_000)
        done = SimNs(started + round(cost_ms * 1e6))
        stamps.append(StageStamp(stage=name, released_at=released, started_at=started, finished_at=done))
        released = done
    message = Message(
        topic=topics.BRAKE_REQUEST,
        sequence=sequence,
        true_at=SimNs(stamps[0].released_at - 15_000_000),
        published_at=SimNs(max(published, stamps[-1].finished_at)),
        delivered_at=SimNs(applied - 2_000_000),
        payload=payload,
        ledger=tuple(stamps),
    )
    felt = SimNs(onset + 201_000_000) if onset >= 0 else SimNs(-1)
    return BrakeLedger(
        message=message,
        demand_mps2=demand,
        applied_at=applied,
        onset_at=onset,
        felt_at=felt,
        plateau_mps2=demand if onset >= 0 else 0.0,
        part_of=part_of,
        superseded_by=-1,
    )


def _message(topic: str, sequence: int, at_s: float, payload: Any) -> Message:
    at = ns_from_s(at_s)
    return Message(
        topic=topic,
        sequence=sequence,
        true_at=SimNs(at - 40_000_000),
        published_at=at,
        delivered_at=at,
        payload=payload,
    )


def _warnings(told: Drive) -> tuple[WarningLedger, ...]:
    """`warn_s` and the instants of `told` are when the driver was shown; published 0.1 s before."""
    shown = list(told.told)
    if told.warn_s >= 0.0:
        shown.append((told.warn_s, WarningKind.FORWARD_COLLISION))
    return tuple(
        WarningLedger(
            message=_message(topics.DRIVER_WARNING, i, s - 0.1, DriverWarning(kind=kind, reason="see evidence")),
            shown_at=ns_from_s(s),
        )
        for i, (s, kind) in enumerate(sorted(shown, key=lambda entry: entry[0]))
    )


def _modes(told: Drive) -> tuple[Message, ...]:
    messages, before = [], Mode.NOMINAL
    for index, (at_s, after) in enumerate(told.modes):
        change = ModeChange(before=before, after=after, reason="health monitor")
        messages.append(_message(topics.MODE_CHANGE, index, at_s, change))
        before = after
    return tuple(messages)


def _decisions(told: Drive) -> tuple[Message, ...]:
    entries = [(told.warn_s, BrakingStage.WARNING, 0.0), (told.brake_s, BrakingStage.FULL, told.demand_mps2)]
    messages = []
    for index, (at_s, stage, demand) in enumerate(entry for entry in entries if entry[0] >= 0.0):
        evidence = Evidence(
            rule=f"{stage.value} when time to collision falls below its limit",
            saw=(
                Reading(name="time to collision", value=2.31, unit="s"),
                Reading(name="gap", value=51.2, unit="m"),
            ),
            threshold=Reading(name="limit", value=2.4, unit="s"),
            counterfactual="At 2.0 m/s less closing speed it would have waited another 0.2 s.",
        )
        decision = Decision(
            stage=stage,
            demand_mps2=demand,
            warning=WarningKind.FORWARD_COLLISION,
            mode=Mode.NOMINAL,
            evidence=evidence,
        )
        messages.append(_message(topics.DECISION, index, at_s - 0.01, decision))
    return tuple(messages)


def _sensed(told: Drive, ended_at: SimNs) -> tuple[Message, ...]:
    """Radar scans fall so that each request stems from one: 39 ms before it is applied."""
    messages = []
    radar = (ns_from_s(max(told.brake_s, 0.0)) - 39_000_000) % 50_000_000
    for topic, transport, phase in ((topics.RADAR, 15_000_000, radar), (topics.CAMERA, 40_000_000, 25_000_000)):
        for sequence, at in enumerate(range(phase, ended_at, 50_000_000)):
            delivered = SimNs(at + transport)
            messages.append(
                Message(
                    topic=topic,
                    sequence=sequence,
                    true_at=SimNs(at),
                    published_at=SimNs(at + transport // 3),
                    delivered_at=delivered,
                    payload=None,
                )
            )
    return tuple(sorted(messages, key=lambda message: message.published_at))


def _jobs(ended_at: SimNs) -> tuple[JobLedger, ...]:
    jobs = []
    for sequence, at in enumerate(range(15_000_000, ended_at, 50_000_000)):
        work = 4_000_000 + (sequence % 10) * 100_000
        jobs.append(
            JobLedger(
                stage="tracking",
                slot=SimNs(at - 15_000_000),
                released_at=SimNs(at),
                started_at=SimNs(at + 500_000),
                finished_at=SimNs(-1) if sequence == 3 else SimNs(at + 500_000 + work),
                work_ns=work,
            )
        )
    return tuple(jobs)


def _accounts() -> tuple[StageAccount, ...]:
    return (
        StageAccount(stage="tracking", released=100, finished=96, dropped=2, killed=1, pending=1, deadline_misses=5),
    )

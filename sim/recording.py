"""What a run leaves behind: the record the judge reads, as plain values.

The streamed hash of the same content lives in `sim.digest`; it exists whether or not a record is kept.
"""

from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.attachments import FaultAccount
from sim.ports import StageAccount
from sim.truth import Conditions, Roster, WorldEvent
from stack.vocabulary import HostEvent, Message, SimNs


class Ending(Enum):
    """Why a run's virtual time ended."""

    SETTLED = "settled"  # the scenario's own end condition (ego at rest, passed, or its planned end)
    CONTACT = "contact"  # the ego touched something
    TIMED_OUT = "timed_out"  # the scenario's virtual limit
    CRASHED = "crashed"  # our machinery


@dataclass(frozen=True, slots=True, kw_only=True)
class BrakeLedger:
    """One brake request's way into the vehicle.

    `applied_at` is when the actuator's demand reached the brakes. `onset_at` (brake force left
    zero, exact) and `felt_at` (braking deceleration first reached half of the episode's first
    plateau) stand on the request that opened a braking episode; -1 elsewhere. Later requests of
    the episode name it in `part_of` (sequence of the opening request; -1: none).
    """

    message: Message
    demand_mps2: float
    applied_at: SimNs
    onset_at: SimNs
    felt_at: SimNs
    plateau_mps2: float
    part_of: int
    superseded_by: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WarningLedger:
    """One driver warning with the instant the driver could see and hear it (-1: never arrived)."""

    message: Message
    shown_at: SimNs


class JobLedger(NamedTuple):
    """One stage job: `finished_at` -1 if it was killed. A tuple, because a run has thousands."""

    stage: str
    slot: SimNs
    released_at: SimNs
    started_at: SimNs
    finished_at: SimNs
    work_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DriverAct:
    """Something the driver did: what and why."""

    at: SimNs
    act: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """Everything the judge and the report may read of one run.

    `truth_at` is (n,) int64 nanoseconds, the world's grid instants from 0; `truth` is
    (n, n_actors, COLUMNS) of `sim.truth`. Messages are in order of publication: `requests`,
    `warnings`, `modes`, `diagnoses`, `decisions` are those that left the stack (`published_at` is
    the instant they took effect inside it); `sensed` holds every sensor message with its delivery.
    """

    run_id: str
    seed: int
    roster: Roster
    conditions: Conditions
    truth_at: NDArray[np.int64]
    truth: NDArray[np.float64]
    events: tuple[WorldEvent, ...]
    sensed: tuple[Message, ...]
    requests: tuple[BrakeLedger, ...]
    warnings: tuple[WarningLedger, ...]
    modes: tuple[Message, ...]
    diagnoses: tuple[Message, ...]
    decisions: tuple[Message, ...]
    jobs: tuple[JobLedger, ...]
    accounts: tuple[StageAccount, ...]
    host_events: tuple[HostEvent, ...]
    deadman_at: tuple[SimNs, ...]  # instants the actuator's deadman took hold
    driver_acts: tuple[DriverAct, ...]
    faults: tuple[FaultAccount, ...]
    functional_part_at: SimNs
    ended_at: SimNs
    ending: Ending
    record_hash: str

"""Keeps a run's books while it runs: feeds the digest and collects what the record holds."""

from struct import Struct

import numpy as np
from numpy.typing import NDArray

from sim.attachments import FaultAccount
from sim.digest import Digest, encode
from sim.layout import BrakeDemand
from sim.observing import Observer
from sim.ports import StageAccount
from sim.queues import Job
from sim.recording import BrakeLedger, DriverAct, Ending, JobLedger, RunRecord, WarningLedger
from sim.truth import BRAKE, EGO, BrakeOnset, Conditions, Roster, TruthFrame, WorldEvent
from stack.vocabulary import HostEvent, Message, SimNs, topics
from stack.vocabulary.construction import maker
from stack.vocabulary.topics import kind_of

_INSTANTS = Struct("<4q")
_pack_instants, _pack_job = _INSTANTS.pack, Struct("<5q").pack
_HEARD = frozenset(topics.INPUTS)
_NEVER = SimNs(-1)
_ledger = maker(BrakeLedger)
_quick = tuple.__new__  # a NamedTuple of all its fields in order, without the constructor written in Python
_SENSED = frozenset((*topics.INPUTS, *topics.RAW_INPUTS)) - {topics.HOST_EVENTS}


class Recorder:
    """Listens to world, channels, host, actuator and driver. One per run.

    An observer hears of everything as it happens. Raw payloads (pictures, point clouds) are hashed
    and shown to the observer, but not kept: a run makes gigabytes of them.
    """

    def __init__(
        self, digest: Digest, roster: Roster, conditions: Conditions, observer: Observer | None = None
    ) -> None:
        self._digest = digest
        self._observer = observer
        self._hashing = digest.enabled
        self._hashed = digest.waiting
        self._tags: dict[str, bytes] = {}  # of topics and stages
        self._last_read: dict[type, tuple[object, bytes]] = {}
        self._roster = roster
        self._conditions = conditions
        self._truth_at: list[int] = []
        self._truth: list[NDArray[np.float64]] = []
        self._events: list[WorldEvent] = []
        self._sensed: list[Message] = []
        self._accepted: dict[int, tuple[SimNs, bool]] = {}
        self._applied: dict[int, tuple[SimNs, float]] = {}
        self._shown: dict[int, SimNs] = {}
        self._kept: dict[str, list[Message]] = {topic: [] for topic in topics.OUTPUTS}
        self._requests = self._kept[topics.BRAKE_REQUEST]
        self._warnings = self._kept[topics.DRIVER_WARNING]
        self._jobs: list[JobLedger] = []
        self._host_events: list[HostEvent] = []
        self._deadman: list[SimNs] = []
        self._acts: list[DriverAct] = []

    # -- world ----------------------------------------------------------------------------------

    def note_truth(self, frame: TruthFrame) -> None:
        """The committed truth at a grid instant."""
        self._truth_at.append(frame.at)
        self._truth.append(frame.state)
        if self._hashing:
            self._hashed += (b"T", frame.state.tobytes())
            self._digest.settle()  # the only place in a run that does: everything else comes between two of these
        if self._observer is not None:
            self._observer.note_truth(frame)

    def note_world_event(self, event: WorldEvent) -> None:
        """A contact, brake onset or manoeuvre."""
        self._events.append(event)
        self._digest.add(b"E", event)
        if self._observer is not None:
            self._observer.note_world_event(event)

    # -- messages -------------------------------------------------------------------------------

    def note_message(self, message: Message) -> None:
        """A sensor or a stage published something."""
        topic = message.topic
        if self._hashing:
            self._hashed += (
                self._tags.get(topic) or self._tag(topic),
                _pack_instants(message.sequence, message.true_at, message.published_at, message.delivered_at),
                self._encoded(message),
            )
        if topic in self._kept:
            self._kept[topic].append(message)
        if self._observer is not None:
            if kind_of(topic) in _SENSED:
                self._observer.note_sensed(message)
            else:
                self._observer.note_published(message)

    def note_delivery(self, message: Message) -> None:
        """A channel delivered something."""
        if self._hashing:
            self._hashed += (b"D", _pack_instants(message.sequence, message.true_at, message.delivered_at, 0))
        if message.topic in _HEARD:
            self._sensed.append(message)
        if self._observer is not None:
            self._observer.note_delivered(message)

    def _encoded(self, message: Message) -> bytes:
        """A payload's canonical bytes; each sensor's last ones are kept, as the stack passes a reading on unchanged."""
        payload = message.payload
        last = self._last_read.get(type(payload))
        if last is not None and last[0] is payload:
            return last[1]
        raw = encode(payload)
        if message.topic in _HEARD:
            self._last_read[type(payload)] = (payload, raw)
        return raw

    def _tag(self, name: str) -> bytes:
        tag = self._tags[name] = name.encode()
        return tag

    # -- host -----------------------------------------------------------------------------------

    def note_job(self, stage: str, job: Job, finished_at: SimNs) -> None:
        """A job ended."""
        if self._hashing:
            raw = _pack_job(job.slot, job.released_at, job.started_at, finished_at, job.work_ns)
            self._hashed += (self._tags.get(stage) or self._tag(stage), raw)
        ledger = _quick(JobLedger, (stage, job.slot, job.released_at, job.started_at, finished_at, job.work_ns))
        self._jobs.append(ledger)
        if self._observer is not None:
            self._observer.note_job(ledger)

    def note_host_event(self, event: HostEvent) -> None:
        """The host said something about itself."""
        self._host_events.append(event)
        self._digest.add(b"H", event)
        if self._observer is not None:
            self._observer.note_host_event(event)

    # -- actuation ------------------------------------------------------------------------------

    def note_accepted(self, message: Message, at: SimNs, changed: bool) -> None:
        """The actuator accepted a request; `changed` says that it alters the demand."""
        self._accepted[message.sequence] = (at, changed)
        self._digest.add_bytes(b"A", _INSTANTS.pack(message.sequence, at, int(changed), 0))

    def note_applied(self, demand: BrakeDemand, at: SimNs) -> None:
        """A demand reached the brakes."""
        self._applied.setdefault(demand.request_sequence, (at, demand.demand_mps2))
        self._digest.add(b"B", (int(at), demand))

    def note_deadman(self, at: SimNs) -> None:
        """The actuator's deadman took hold."""
        self._deadman.append(at)
        self._digest.add(b"X", int(at))

    def note_shown(self, message: Message, at: SimNs) -> None:
        """The driver could see and hear a warning."""
        if message.sequence not in self._shown:
            self._shown[message.sequence] = at
        if not any(kept is message or kept.sequence == message.sequence for kept in self._warnings):
            self._warnings.append(message)
        self._digest.add_bytes(b"W", _INSTANTS.pack(message.sequence, at, 0, 0))

    def note_driver_act(self, act: DriverAct) -> None:
        """The driver did something."""
        self._acts.append(act)
        self._digest.add(b"P", act)

    # -- the record -----------------------------------------------------------------------------

    def record(
        self,
        *,
        run_id: str,
        seed: int,
        functional_part_at: SimNs,
        ended_at: SimNs,
        ending: Ending,
        accounts: tuple[StageAccount, ...],
        faults: tuple[FaultAccount, ...],
    ) -> RunRecord:
        """Close the books."""
        truth_at = np.array(self._truth_at, dtype=np.int64)
        truth = np.array(self._truth)
        requests = self._brake_ledgers(truth_at, truth)
        for ledger in requests:
            acted = _INSTANTS.pack(ledger.applied_at, ledger.onset_at, ledger.felt_at, ledger.part_of)
            self._digest.add_bytes(b"L", acted)
        for array in (truth_at, truth):
            array.setflags(write=False)
        return RunRecord(
            run_id=run_id,
            seed=seed,
            roster=self._roster,
            conditions=self._conditions,
            truth_at=truth_at,
            truth=truth,
            events=tuple(self._events),
            sensed=tuple(self._sensed),
            requests=requests,
            warnings=tuple(
                WarningLedger(message=message, shown_at=self._shown.get(message.sequence, _NEVER))
                for message in self._warnings
            ),
            modes=tuple(self._kept[topics.MODE_CHANGE]),
            diagnoses=tuple(self._kept[topics.DIAGNOSIS]),
            decisions=tuple(self._kept[topics.DECISION]),
            jobs=tuple(self._jobs),
            accounts=accounts,
            host_events=tuple(self._host_events),
            deadman_at=tuple(self._deadman),
            driver_acts=tuple(self._acts),
            faults=faults,
            functional_part_at=functional_part_at,
            ended_at=ended_at,
            ending=ending,
            record_hash=self._digest.hexdigest(),
        )

    def _brake_ledgers(self, truth_at: NDArray[np.int64], truth: NDArray[np.float64]) -> tuple[BrakeLedger, ...]:
        """Every request with its instants; a request whose demand was unchanged acts from its acceptance."""
        brake = truth[:, EGO, BRAKE] if len(truth) else np.zeros(0)
        episodes = [
            (event.at, event.request_sequence, *first_plateau(truth_at, brake, event.at))
            for event in self._events
            if isinstance(event, BrakeOnset)
        ]
        openers = {sequence: (onset, felt, plateau) for onset, sequence, felt, plateau, _end in episodes}
        ledgers: list[BrakeLedger] = []
        replaced_by = -1
        for message in reversed(self._requests):
            sequence = message.sequence
            accepted_at, changed = self._accepted.get(sequence, (_NEVER, False))
            unapplied_at = _NEVER if changed else accepted_at
            applied_at = self._applied[sequence][0] if sequence in self._applied else unapplied_at
            onset_at, felt_at, plateau = openers.get(sequence, (_NEVER, _NEVER, 0.0))
            part_of = -1
            for onset, opener, _felt, _plateau, end in episodes:
                if sequence > opener and applied_at >= 0 and onset - _EPISODE_LEAD_NS <= applied_at <= end:
                    part_of = opener
            ledgers.append(
                _ledger(
                    message=message,
                    demand_mps2=message.payload.demand_mps2,
                    applied_at=applied_at,
                    onset_at=onset_at,
                    felt_at=felt_at,
                    plateau_mps2=plateau,
                    part_of=part_of,
                    superseded_by=replaced_by if accepted_at >= 0 and applied_at < 0 else -1,
                )
            )
            if applied_at >= 0:
                replaced_by = sequence
        return tuple(reversed(ledgers))


_EPISODE_LEAD_NS = 1_000_000_000  # an episode's requests may act up to one dead time before its onset
_FLAT_RATIO = 0.005  # a plateau: the deceleration changes by less than this share ...
_FLAT_STEPS = 10  # ... over ten grid steps (100 ms)
_BRAKING_MPS2 = 0.05  # below: not braking


def first_plateau(
    truth_at: NDArray[np.int64], brake: NDArray[np.float64], onset_at: SimNs
) -> tuple[SimNs, float, SimNs]:
    """Felt-at, first plateau (m/s²) and end of the braking episode that began at `onset_at`.

    `brake` is the deceleration from braking at `truth_at`, both (n,). Felt-at is the instant at which
    it first reaches half of the plateau, interpolated; -1 if the run ended before.
    """
    begin = int(np.searchsorted(truth_at, onset_at, side="right"))
    after = brake[begin:]
    idle = np.flatnonzero((after[1:] < _BRAKING_MPS2) & (after[:-1] >= after[1:])) + 1
    stop = begin + int(idle[0]) if len(idle) else len(brake)
    episode = brake[begin:stop]
    if not len(episode):
        return _NEVER, 0.0, onset_at
    ends_at = SimNs(int(truth_at[min(stop, len(truth_at) - 1)]))
    plateau = float(episode.max())
    if len(episode) > _FLAT_STEPS:
        change = np.abs(episode[_FLAT_STEPS:] - episode[:-_FLAT_STEPS])
        begins = episode[:-_FLAT_STEPS]
        flat = np.flatnonzero((change < _FLAT_RATIO * begins) & (begins > _BRAKING_MPS2))
        if len(flat):
            plateau = float(episode[flat[0] + _FLAT_STEPS])
    reached = np.flatnonzero(episode >= 0.5 * plateau)
    index = begin + int(reached[0])
    before_mps2 = float(brake[index - 1]) if index > begin else 0.0
    before_at = int(truth_at[index - 1]) if index > begin else int(onset_at)
    span_ns = int(truth_at[index]) - before_at
    share = (0.5 * plateau - before_mps2) / max(float(brake[index]) - before_mps2, 1e-12)
    return SimNs(before_at + round(share * span_ns)), plateau, ends_at

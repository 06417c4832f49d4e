"""A recorded run's deliveries through a stack once more, in open loop, and where its outputs differ.

Same code, same settings: no difference, to the last bit. With changed settings of the stack, the
differences are what these settings touch. The vehicle does not answer: from the first difference on,
the stack hears of a vehicle that obeyed the recorded commands.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from scenarios.assembly import PreparedRun, prepare
from scenarios.commands import request_from
from scenarios.documents import OVERRIDE, parse_assignments, shown_path
from scenarios.keys import fingerprint
from scenarios.logbook import contents
from scenarios.logbook.comparing import Difference, TopicCount, compared
from scenarios.logbook.reading import Recording, read_tolerant
from scenarios.open_loop import End, Fed, open_loop
from sim.recording import Ending
from sim.truth import TruthFrame
from stack.vocabulary import Finding, HostEvent, InputError, MachineryError, Message, SimNs, topics

_TO_VEHICLE = (topics.BRAKE_REQUEST, topics.DRIVER_WARNING)
_STACK = "stack."
INSIDE = (topics.TRACKS, topics.HAZARDS, topics.MANOEUVRE)  # where a difference is looked for on its way


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """What came of a replay. `reasons` are differences of code, platform or inputs that may stand behind the others.

    `inside` holds the differences between stages; they decide nothing here but show where the first one arose.
    """

    path: Path
    run_id: str
    sets: tuple[str, ...]
    fed: int
    until: SimNs
    cut: str
    counts: tuple[TopicCount, ...]
    differences: tuple[Difference, ...]
    inside: tuple[Difference, ...]
    recorded: tuple[Message, ...]
    replayed: tuple[Message, ...]
    reasons: tuple[str, ...]
    stack_crashes: tuple[str, ...]

    @property
    def same(self) -> bool:
        """Whether every output is the recorded one."""
        return not self.differences

    @property
    def exit_code(self) -> int:
        """0: no difference; 1: differences. What could not be replayed raises."""
        return 0 if self.same else 1


def replayed(path: Path, *, sets: Sequence[str] = ()) -> Replay:
    """Replay a recording, with settings of the stack changed if wanted; raises `InputError` where it cannot be."""
    recording = read_tolerant(path)
    changes = _changes(tuple(sets))
    prepared = _prepared(recording, changes)
    told = _Told.of(recording)
    fed = _fed(recording, told)
    try:
        heard = open_loop(prepared, fed, told.end)
    except MachineryError as problem:
        words = f"cannot be replayed: {problem}"
        raise InputError((Finding(where=shown_path(path), field="recording", problem=words),)) from problem
    answers = _outputs(heard.published, heard.host_events)
    counts, differences = compared(told.outputs, answers)
    _, inside = compared(told.outputs, answers, INSIDE)
    return Replay(
        path=path,
        run_id=recording.begun.run_id,
        sets=tuple(sets),
        fed=heard.fed,
        until=told.end.at,
        cut=recording.cut,
        counts=counts,
        differences=differences,
        inside=inside,
        recorded=told.outputs,
        replayed=answers,
        reasons=_reasons(recording, prepared, bool(changes)),
        stack_crashes=heard.stack_crashes,
    )


# -- the run again ------------------------------------------------------------------------------


def _changes(sets: tuple[str, ...]) -> dict[str, object]:
    """Settings of the stack by dotted name; nothing else can be changed in what was recorded."""
    changes = dict(parse_assignments(sets))
    problem = f"a replay feeds what was recorded: only settings of the stack ({_STACK}NAME) can be changed in it"
    strangers = [key for key in changes if not key.startswith(_STACK)]
    if strangers:
        raise InputError(tuple(Finding(where=OVERRIDE, field=key, problem=problem) for key in strangers))
    return changes


def _prepared(recording: Recording, changes: dict[str, object]) -> PreparedRun:
    stored = recording.begun.request
    measured = stored.host != "modelled"
    problem = ""
    if measured and recording.ended is None:
        problem = "ran on measured time and was cut before its costs were written: record the run again"
    elif measured and changes:
        problem = "ran on measured time: its costs belong to the jobs of its own settings, so none can be changed"
    if problem:
        raise InputError((Finding(where=shown_path(recording.path), field="recording", problem=problem),))
    costs_ns = tuple(recording.ended.costs_ns) if recording.ended is not None else ()
    request = request_from(stored.model_dump(), costs_ns)
    return prepare(replace(request, overrides={**request.overrides, **changes}))


def _reasons(recording: Recording, prepared: PreparedRun, changed: bool) -> tuple[str, ...]:
    """What is not as it was when the run was recorded, besides the settings that were changed on purpose."""
    before, now = dict(recording.begun.key), prepared.key.document()
    reasons = []
    if before.pop("code_version", "") != now.pop("code_version"):
        reasons.append(f"the code differs: recorded by {recording.begun.code_version}")
    if recording.begun.fingerprint.get("hash") != fingerprint()["hash"]:
        reasons.append("the platform differs, where only equal verdicts are promised")
    for document in (before, now):
        stack = dict(document.get("stack", {}))
        for name in ("digest", *(("settings",) if changed else ())):
            stack.pop(name, None)  # the digest of our own stack is the code's; the settings were changed on purpose
        document["stack"] = stack
    parts = sorted(part for part in now if before.get(part) != now[part])
    return (*reasons, f"resolved otherwise today: {', '.join(parts)}") if parts else tuple(reasons)


# -- what was recorded --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """What a recording says of its run, but for what is fed: outputs up to the end, and where that is."""

    scene: dict[str, Any]
    outputs: tuple[Message, ...]
    end: End

    @staticmethod
    def of(recording: Recording) -> "_Told":
        scene: dict[str, Any] = {}
        published: list[Message] = []
        events: list[HostEvent] = []
        last_truth_at = SimNs(0)
        wanted = (contents.SCENE, contents.TRUTH, contents.PUBLISHED, contents.HOST_EVENT)
        for entry in recording.entries(wanted):
            if entry.channel == contents.SCENE:
                scene = entry.value
            elif entry.channel == contents.TRUTH:
                last_truth_at = entry.at
            elif entry.channel == contents.PUBLISHED:
                published.append(entry.value)
            else:
                events.append(entry.value)
        if not scene:
            problem = "was cut before its first instant: there is nothing to replay"
            raise InputError((Finding(where=shown_path(recording.path), field="recording", problem=problem),))
        end = _end(recording, last_truth_at)
        outputs = tuple(one for one in _outputs(published, events) if _before(one.published_at, end))
        return _Told(scene=scene, outputs=outputs, end=end)


def _end(recording: Recording, last_truth_at: SimNs) -> End:
    """Where to stop: at the run's own end, or at the last grid instant up to which everything is there."""
    if recording.ended is None:
        return End(at=last_truth_at, inclusive=False)
    return End(at=SimNs(recording.ended.ended_at), inclusive=recording.ended.ending == Ending.TIMED_OUT.value)


def _before(at: SimNs, end: End) -> bool:
    return at < end.at or (end.inclusive and at == end.at)


def _outputs(published: Sequence[Message], events: Sequence[HostEvent]) -> tuple[Message, ...]:
    """What stages published and what the host said, all as messages."""
    said = [
        Message(topic=topics.HOST_EVENTS, sequence=number, true_at=event.at, published_at=event.at,
                delivered_at=event.at, payload=event)
        for number, event in enumerate(events)
    ]  # fmt: skip
    return (*published, *said)


def _fed(recording: Recording, told: _Told) -> Iterator[Fed]:
    """Truth and deliveries to the stack in the order of the run."""
    roster, conditions = told.scene["roster"], told.scene["conditions"]
    latest = SimNs(0)
    for entry in recording.entries((contents.TRUTH, contents.DELIVERED, contents.DELIVERED_RAW)):
        if entry.at < latest:
            problem = f"tells {entry.channel} of {entry.at} ns after {latest} ns; record the run again"
            raise InputError((Finding(where=shown_path(recording.path), field="recording", problem=problem),))
        latest = entry.at
        if entry.channel == contents.TRUTH:
            at, state = SimNs(entry.value["at"]), entry.value["state"]
            yield TruthFrame(at=at, roster=roster, conditions=conditions, state=state)
        elif entry.value.topic not in _TO_VEHICLE:
            yield entry.value

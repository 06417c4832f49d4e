"""Stacks by name: entry points of group `faultline.stacks`, from our own or anybody's distribution.

A factory takes a `Briefing` and gives a pipeline (rows of `Stage`) or a black box (an object with one
method `step`), which is charged as one stage. What a foreign factory does wrong is refused before a run
starts; what its stages do wrong during a run is a crash of that stack, judged with the run.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import cast

from scenarios.documents import OVERRIDE, nearest
from scenarios.keys import stack_identity
from stack.vocabulary import (
    NS_PER_MS,
    BlackBox,
    BrakeRequest,
    Briefing,
    Decision,
    DiagnosisReport,
    DriverWarning,
    FaultlineError,
    Finding,
    InputError,
    MissingPart,
    ModeChange,
    Output,
    Pipeline,
    Queue,
    QueuePolicy,
    Resource,
    Stage,
    StageInput,
    topics,
)

GROUP = "faultline.stacks"
OPTION = "--stack"
BLACK_BOX_STAGE = "stack"

# What a black box may publish, by topic.
PAYLOADS: dict[str, type] = {
    topics.BRAKE_REQUEST: BrakeRequest,
    topics.DRIVER_WARNING: DriverWarning,
    topics.MODE_CHANGE: ModeChange,
    topics.DIAGNOSIS: DiagnosisReport,
    topics.DECISION: Decision,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StackEntry:
    """A stack that can be run: its name, its factory, and what identifies it in a key."""

    name: str
    factory: Callable[[Briefing], object]
    identity: dict[str, str]


def stack_names() -> tuple[str, ...]:
    """All stacks installed here."""
    return tuple(sorted({entry.name for entry in entry_points(group=GROUP)}))


def find_stack(name: str) -> StackEntry:
    """The stack of this name; raises InputError with the nearest name, MissingPart if it does not load."""
    found = sorted({(entry.value, _distribution(entry)) for entry in entry_points(group=GROUP, name=name)})
    if not found:
        raise _refusal(
            name, f"no stack of this name{nearest(name, stack_names())}; a stack is an entry point of {GROUP}"
        )
    if len(found) > 1:
        raise _refusal(name, f"several stacks have this name: {', '.join(value for value, _ in found)}")
    value, distribution = found[0]
    factory = _loaded(EntryPoint(name, value, GROUP))
    return StackEntry(name=name, factory=factory, identity=stack_identity(value, distribution))


def _refusal(name: str, problem: str) -> InputError:
    return InputError((Finding(where=OPTION, field=name, problem=problem),))


def _loaded(entry: EntryPoint) -> Callable[[Briefing], object]:
    try:
        factory = entry.load()
    except Exception as problem:
        raise MissingPart(f"stack {entry.name} ({entry.value}) does not load: {problem}") from problem
    if not callable(factory):
        raise _refusal(
            entry.name, f"{entry.value} is a {type(factory).__name__}; it must be a factory taking a Briefing"
        )
    return cast(Callable[[Briefing], object], factory)


def _distribution(entry: EntryPoint) -> str:
    return entry.dist.name if entry.dist is not None else ""


def pipeline_of(entry: StackEntry, briefing: Briefing) -> Pipeline:
    """The stack as rows of stages; a black box becomes one row. Raises `InputError` for anything else."""
    made = _made(entry, briefing)
    if not isinstance(made, tuple):
        if callable(getattr(made, "step", None)):
            return (black_box_stage(entry, briefing),)
        raise _refusal(entry.name, f"its factory gave a {type(made).__name__}; {_WANTED}")
    stages = tuple(row for row in made if isinstance(row, Stage))
    if not stages or len(stages) < len(made):
        raise _refusal(entry.name, f"its factory gave a tuple with something else than stages; {_WANTED}")
    names = [stage.name for stage in stages]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise _refusal(entry.name, f"its pipeline has two stages named {', '.join(twice)}")
    return stages


_WANTED = "it must give a tuple of Stage, or an object with step(now, messages)"


def _made(entry: StackEntry, briefing: Briefing) -> object:
    """What the factory gives; settings it refuses are findings about `--set stack...`."""
    try:
        return entry.factory(briefing)
    except InputError as refusal:
        raise InputError(tuple(_at_override(finding) for finding in refusal.findings)) from refusal
    except FaultlineError:
        raise
    except Exception as problem:
        raise _refusal(entry.name, f"its factory raised {type(problem).__name__}: {problem}") from problem


def _at_override(finding: Finding) -> Finding:
    if finding.where != "settings":
        return finding
    return Finding(where=OVERRIDE, field=f"stack.{finding.field}", problem=finding.problem)


def black_box_stage(entry: StackEntry, briefing: Briefing) -> Stage:
    """One row that hands everything that arrived to the black box's `step`."""

    def initial() -> BlackBox:
        return cast(BlackBox, entry.factory(briefing))

    def step(box: BlackBox, given: StageInput) -> tuple[BlackBox, tuple[Output, ...]]:
        outputs = tuple(box.step(given.now, given.messages))
        for output in outputs:
            _check_output(output)
        return box, outputs

    return Stage(
        name=BLACK_BOX_STAGE,
        triggers=topics.INPUTS,
        reads=(),
        publishes=topics.OUTPUTS,
        budget_ns=100 * NS_PER_MS,
        watchdog_ns=500 * NS_PER_MS,
        priority=0,
        queue=Queue(policy=QueuePolicy.DROP_OLDEST, depth=64),
        resource=Resource.CPU,
        initial=initial,
        step=step,
        content=lambda given: len(given.messages),
        batch=True,
        disposable=True,
    )


def _check_output(output: object) -> None:
    """Refuse what nobody could carry; raised inside the stack's step, it is a crash of that stack."""
    if not isinstance(output, Output):
        raise TypeError(f"step() must return Outputs, got a {type(output).__name__}")
    wanted = PAYLOADS.get(output.topic)
    if wanted is None:
        raise ValueError(f"a stack publishes {', '.join(PAYLOADS)}; not {output.topic}")
    if not isinstance(output.payload, wanted):
        raise TypeError(f"{output.topic} carries a {wanted.__name__}, got a {type(output.payload).__name__}")

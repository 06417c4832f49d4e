"""Stacks by name: entry points of group `faultline.stacks`, from our own or anybody's distribution.

A factory takes a `Briefing` and gives a pipeline (rows of `Stage`) or a black box (an object with one
method `step`), which is charged as one stage.
"""

from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Any, cast

from scenarios.documents import nearest
from scenarios.keys import stack_identity
from stack.vocabulary import (
    NS_PER_MS,
    BlackBox,
    Briefing,
    Finding,
    InputError,
    MissingPart,
    Output,
    Pipeline,
    Queue,
    QueuePolicy,
    Resource,
    Stage,
    StackFactory,
    StageInput,
    topics,
)

GROUP = "faultline.stacks"
BLACK_BOX_STAGE = "stack"


@dataclass(frozen=True, slots=True, kw_only=True)
class StackEntry:
    """A stack that can be run: its name, its factory, and what identifies it in a key."""

    name: str
    factory: Any
    identity: dict[str, str]


def stack_names() -> tuple[str, ...]:
    """All stacks installed here."""
    return tuple(sorted({entry.name for entry in entry_points(group=GROUP)}))


def find_stack(name: str) -> StackEntry:
    """The stack of this name; raises InputError with the nearest name, MissingPart if it does not load."""
    found = [entry for entry in entry_points(group=GROUP) if entry.name == name]
    if not found:
        problem = f"no stack of this name{nearest(name, stack_names())}; a stack is an entry point of {GROUP}"
        raise InputError((Finding(where="--stack", field=name, problem=problem),))
    entry = found[0]
    return StackEntry(name=name, factory=_loaded(entry), identity=stack_identity(entry.value, _distribution(entry)))


def _loaded(entry: EntryPoint) -> StackFactory:
    try:
        return cast(StackFactory, entry.load())
    except Exception as problem:
        raise MissingPart(f"stack {entry.name} ({entry.value}) does not load: {problem}") from problem


def _distribution(entry: EntryPoint) -> str:
    return entry.dist.name if entry.dist is not None else ""


def pipeline_of(entry: StackEntry, briefing: Briefing) -> Pipeline:
    """The stack as rows of stages; a black box becomes one row."""
    made = entry.factory(briefing)
    if isinstance(made, tuple):
        return cast(Pipeline, made)
    if not callable(getattr(made, "step", None)):
        problem = f"its factory gave a {type(made).__name__}; it must give a tuple of Stage or an object with step()"
        raise InputError((Finding(where="--stack", field=entry.name, problem=problem),))
    return (black_box_stage(entry, briefing),)


def black_box_stage(entry: StackEntry, briefing: Briefing) -> Stage:
    """One row that hands everything that arrived to the black box's `step`."""

    def initial() -> BlackBox:
        return cast(BlackBox, entry.factory(briefing))

    def step(box: BlackBox, given: StageInput) -> tuple[BlackBox, tuple[Output, ...]]:
        return box, tuple(box.step(given.now, given.messages))

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

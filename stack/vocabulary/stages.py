"""A pipeline is a value: rows of `Stage`, handed to whatever host runs them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol

from stack.vocabulary.instants import SimNs
from stack.vocabulary.messages import Message, Output


class QueuePolicy(Enum):
    """What a full queue does with one more message."""

    LATEST_ONLY = "latest_only"
    DROP_OLDEST = "drop_oldest"
    BLOCK = "block"


class Resource(Enum):
    """What a stage computes on."""

    CPU = "cpu"
    ACCELERATOR = "accelerator"


class Protection(Enum):
    """Whether the safety mechanisms may act, or only diagnose (to measure FTTI)."""

    ON = "on"
    UNPROTECTED = "unprotected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """Bounded input queue of a stage; one queue for all its triggers."""

    policy: QueuePolicy
    depth: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StagePlan:
    """The numbers a pipeline gives a stage: deadline, watchdog, rank, input queue and what it computes on."""

    budget_ns: int
    watchdog_ns: int
    priority: int
    queue: Queue
    resource: Resource


@dataclass(frozen=True, slots=True, kw_only=True)
class StageInput:
    """What a job finds when it starts: the messages it took from its queue and the latest readings.

    `messages` holds one message, or all that waited if the stage takes batches; it is empty for
    a job released by the stage's own timer.
    """

    now: SimNs
    messages: tuple[Message, ...]
    latest: Mapping[str, Message]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One row of a pipeline.

    A message on any of `triggers` releases a job; `every_ns` > 0 releases one on a timer as well.
    `reads` are topics of which the latest message is at hand. `budget_ns` is the deadline after
    release. A job running longer than `watchdog_ns` is ended by the host's watchdog. Smaller
    `priority` runs first. `content` counts what the demand depends on, from the inputs. A stage whose state is
    `disposable` is an object that cannot be rolled back: a kill discards it and makes a new one.
    """

    name: str
    triggers: tuple[str, ...]
    reads: tuple[str, ...]
    publishes: tuple[str, ...]
    budget_ns: int
    watchdog_ns: int
    priority: int
    queue: Queue
    resource: Resource
    initial: Callable[[], Any]
    step: Callable[[Any, StageInput], tuple[Any, tuple[Output, ...]]]
    content: Callable[[StageInput], int]
    every_ns: int = 0
    batch: bool = False
    disposable: bool = False


Pipeline = tuple[Stage, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Briefing:
    """What a stack is told about its vehicle and its run before it starts.

    `functional_part_at` is the instant the test's functional part begins (UN R131 section 6);
    the reference stack ignores it, known-bad stacks use it. `settings` are thresholds to change.
    """

    length_m: float
    width_m: float
    wheelbase_m: float
    brake_max_mps2: float
    brake_dead_time_s: float
    brake_lag_s: float
    protection: Protection
    functional_part_at: SimNs
    settings: Mapping[str, float]

    @property
    def rear_axle_to_front_m(self) -> float:
        """Distance from the rear axle to the front edge, taking a third of the overhangs as the front one.

        The ego frame's origin sits on the front edge, so a yaw rate moves it sideways by this lever.
        """
        return self.wheelbase_m + (self.length_m - self.wheelbase_m) / 3.0


class BlackBox(Protocol):
    """A stack from elsewhere: an object with one method, charged as one stage."""

    def step(self, now: SimNs, messages: tuple[Message, ...]) -> tuple[Output, ...]:
        """Take what arrived since the last call and return what to publish."""
        ...


StackFactory = Callable[[Briefing], Pipeline | BlackBox]

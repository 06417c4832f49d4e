"""Two tellings of one run's outputs, paired and told apart: what was decided, when, why, and how it was numbered.

Outputs of a topic are paired by the instants they appeared and were true at; what is left, by the instant
they were true at; what is left then stands on one side only. Payloads are compared by their canonical
bytes, so that equal means every bit.
"""

from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from typing import Any

from sim.digest import encode
from stack.vocabulary import (
    BrakeRequest,
    Decision,
    DiagnosisReport,
    DriverWarning,
    HostEvent,
    Message,
    ModeChange,
    SimNs,
    topics,
)

COMPARED = (*topics.OUTPUTS, topics.HOST_EVENTS)

# What of a payload is the decision itself, and what only counts; the rest says why.
_DECIDES: dict[type, frozenset[str]] = {
    BrakeRequest: frozenset({"raw_demand"}),
    DriverWarning: frozenset({"kind"}),
    ModeChange: frozenset({"before", "after"}),
    DiagnosisReport: frozenset({"diagnosis", "present"}),
    Decision: frozenset({"stage", "demand_mps2", "warning", "mode"}),
    HostEvent: frozenset({"kind", "stage"}),
}
_COUNTS = frozenset({"counter", "checksum", "sequence"})


class Aspect(Enum):
    """In what two outputs differ, the weightiest first."""

    WHAT = "what"  # another decision, or none
    WHEN = "when"  # the same at another instant, or by another way through the stages
    WHY = "why"  # the same for another reason, or with other figures behind it
    COUNT = "count"  # the same under another number


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One output that differs; None where only the other side has it. `fields` are dotted names."""

    topic: str
    at: SimNs
    aspect: Aspect
    recorded: Message | None
    replayed: Message | None
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicCount:
    """How many outputs of a topic there were on each side, and how many of the pairs differ or are missing."""

    topic: str
    recorded: int
    replayed: int
    otherwise: int
    only_recorded: int
    only_replayed: int

    @property
    def differ(self) -> int:
        """All differences of this topic."""
        return self.otherwise + self.only_recorded + self.only_replayed


def compared(
    recorded: Sequence[Message], replayed: Sequence[Message], names: Iterable[str] = COMPARED
) -> tuple[tuple[TopicCount, ...], tuple[Difference, ...]]:
    """Counts per topic, and every difference in order of time."""
    counts, differences = [], []
    for topic in names:
        before = [message for message in recorded if message.topic == topic]
        after = [message for message in replayed if message.topic == topic]
        found = _differences(topic, before, after)
        alone = [one for one in found if one.recorded is None]
        missing = [one for one in found if one.replayed is None]
        counts.append(
            TopicCount(
                topic=topic,
                recorded=len(before),
                replayed=len(after),
                otherwise=len(found) - len(alone) - len(missing),
                only_recorded=len(missing),
                only_replayed=len(alone),
            )
        )
        differences += found
    differences.sort(key=lambda one: one.at)
    return tuple(counts), tuple(differences)


def _differences(topic: str, recorded: list[Message], replayed: list[Message]) -> list[Difference]:
    pairs, left, right = _paired(recorded, replayed, lambda one: (one.published_at, one.true_at))
    later, left, right = _paired(left, right, lambda one: one.true_at)
    found = [one for one in (_difference(topic, *pair) for pair in (*pairs, *later)) if one is not None]
    found += [_alone(topic, message, None) for message in left]
    found += [_alone(topic, None, message) for message in right]
    return sorted(found, key=lambda one: one.at)


def _paired(
    recorded: list[Message], replayed: list[Message], key: Any
) -> tuple[list[tuple[Message, Message]], list[Message], list[Message]]:
    """Messages with equal keys, in their order; and who found no partner on either side."""
    waiting: defaultdict[Any, deque[Message]] = defaultdict(deque)
    for message in replayed:
        waiting[key(message)].append(message)
    pairs, alone = [], []
    for message in recorded:
        line = waiting.get(key(message))
        if line:
            pairs.append((message, line.popleft()))
        else:
            alone.append(message)
    unpaired = {id(message) for line in waiting.values() for message in line}
    return pairs, alone, [message for message in replayed if id(message) in unpaired]


def _alone(topic: str, recorded: Message | None, replayed: Message | None) -> Difference:
    there = recorded if recorded is not None else replayed
    at = there.published_at if there is not None else SimNs(0)
    return Difference(topic=topic, at=at, aspect=Aspect.WHAT, recorded=recorded, replayed=replayed, fields=())


def _difference(topic: str, recorded: Message, replayed: Message) -> Difference | None:
    if encode(recorded) == encode(replayed):
        return None
    inner = changed_fields(recorded.payload, replayed.payload)
    outer = changed_fields(recorded, replayed, but=("payload",))
    return Difference(
        topic=topic,
        at=min(recorded.published_at, replayed.published_at),
        aspect=_aspect(recorded.payload, inner, outer),
        recorded=recorded,
        replayed=replayed,
        fields=(*inner, *outer),
    )


def _aspect(payload: object, inner: tuple[str, ...], outer: tuple[str, ...]) -> Aspect:
    decides = _DECIDES.get(type(payload))
    heads = [name.partition(".")[0] for name in inner]
    if any(decides is None or head in decides for head in heads):
        return Aspect.WHAT
    if any(name not in _COUNTS for name in outer):
        return Aspect.WHEN
    return Aspect.WHY if any(head not in _COUNTS for head in heads) else Aspect.COUNT


def changed_fields(one: Any, other: Any, but: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Dotted names of the fields in which two values differ; of a tuple, the whole."""
    if type(one) is not type(other):
        return ("kind",)
    if not is_dataclass(one):
        return () if encode(one) == encode(other) else ("value",)
    names: list[str] = []
    for each in fields(one):
        here, there = getattr(one, each.name), getattr(other, each.name)
        if each.name in but or encode(here) == encode(there):
            continue
        if is_dataclass(here) and type(here) is type(there):
            names += [f"{each.name}.{name}" for name in changed_fields(here, there)]
        else:
            names.append(each.name)
    return tuple(names)

"""The ingest stage: one book per inspected topic, one finding per message, and the payload if it may be used."""

from collections.abc import Mapping
from dataclasses import dataclass

from stack.ingest.books import Book
from stack.ingest.inspection import RULES, inspected
from stack.ingest.thresholds import Thresholds
from stack.vocabulary import Briefing, Output, Stage, StageInput, StagePlan, adjusted
from stack.vocabulary.construction import maker

_output = maker(Output)


@dataclass(frozen=True, slots=True)
class State:
    """Limits and the book of every inspected topic."""

    limits: Thresholds
    books: Mapping[str, Book]


_state = maker(State)


def initial(briefing: Briefing) -> State:
    """Nothing seen yet."""
    return State(adjusted(Thresholds(), "ingest", briefing.settings), {topic: Book() for topic in RULES})


def step(state: State, given: StageInput) -> tuple[State, tuple[Output, ...]]:
    """Inspect each message; publish the finding first, then the payload if it was accepted."""
    limits, books = state.limits, state.books
    outputs: list[Output] = []
    for message in given.messages:
        topic = message.topic
        rule = RULES[topic]
        book, check = inspected(rule, books[topic], message, given.now, limits)
        books = {**books, topic: book}
        outputs.append(_output(topic=rule.check, payload=check))
        if check.accepted:
            outputs.append(_output(topic=rule.checked, payload=message.payload))
    return _state(limits=limits, books=books), tuple(outputs)


def row(briefing: Briefing, plan: StagePlan) -> Stage:
    """Ingest as a pipeline row."""
    first = initial(briefing)
    return Stage(
        name="ingest",
        triggers=tuple(RULES),
        reads=(),
        publishes=tuple(topic for rule in RULES.values() for topic in (rule.check, rule.checked)),
        budget_ns=plan.budget_ns,
        watchdog_ns=plan.watchdog_ns,
        priority=plan.priority,
        queue=plan.queue,
        resource=plan.resource,
        initial=lambda: first,
        step=step,
        content=lambda given: len(given.messages),
    )

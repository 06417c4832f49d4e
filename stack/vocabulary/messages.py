"""What travels: a payload with the instants of its journey.

Every message carries its time ledger: the instant its content was true, when it was published and
delivered, and for each stage it passed the instants it was released, started and finished. Every
latency anywhere is a difference of two of these.
"""

from dataclasses import dataclass
from typing import Any

from stack.vocabulary.instants import SimNs


@dataclass(frozen=True, slots=True, kw_only=True)
class StageStamp:
    """One stage's part in a message's journey."""

    stage: str
    released_at: SimNs
    started_at: SimNs
    finished_at: SimNs


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A payload on a topic.

    `true_at` is the exposure midpoint of the sensor data it stems from and doubles as the sampling
    slot for chance. `sequence` counts per topic at the publisher. `ledger` grows by one stamp per
    stage passed, so a command carries the whole waterfall of the message that decided it.
    """

    topic: str
    sequence: int
    true_at: SimNs
    published_at: SimNs
    delivered_at: SimNs
    payload: Any
    ledger: tuple[StageStamp, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """What a stage publishes: the host adds sequence, instants and ledger."""

    topic: str
    payload: Any

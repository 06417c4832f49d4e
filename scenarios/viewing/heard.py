"""What was said during a run: tracks, hazards, decisions, and which picture the stack had, for those who look later."""

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Any

from analysis.moments import fault_windows
from scenarios.assembly import PreparedRun
from sim.observing import Deaf
from sim.recording import RunRecord
from stack.vocabulary import Message, SimNs, topics

_KEPT = frozenset({topics.TRACKS, topics.HAZARDS, topics.MODE_CHANGE, topics.BRAKE_REQUEST})


@dataclass(slots=True)
class Said:
    """The messages of one topic, in order, found by instant."""

    at: list[int] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)

    def latest(self, at: SimNs) -> Message | None:
        """The last message published at or before an instant."""
        index = bisect_right(self.at, at)
        return self.messages[index - 1] if index else None


class Heard(Deaf):
    """An observer that keeps what a watcher wants to see."""

    def __init__(self) -> None:
        self._said: dict[str, Said] = {topic: Said() for topic in _KEPT}
        self._slots: dict[int, SimNs] = {}  # when a picture was really taken, by its identity
        self._kept: list[Any] = []  # so that no identity is used again
        self._had_at: list[int] = []
        self._had: list[SimNs] = []

    def note_published(self, message: Message) -> None:
        """Keep it, if it is of a kept topic."""
        said = self._said.get(message.topic)
        if said is not None:
            said.at.append(message.published_at)
            said.messages.append(message)

    def note_sensed(self, message: Message) -> None:
        """A picture was taken: remember when, whatever becomes of it on its way."""
        if message.topic == topics.CAMERA_IMAGE:
            self._slots[id(message.payload)] = message.true_at
            self._kept.append(message.payload)

    def note_delivered(self, message: Message) -> None:
        """A picture arrived: the stack has this one now."""
        if message.topic == topics.CAMERA_IMAGE and id(message.payload) in self._slots:
            self._had_at.append(message.delivered_at)
            self._had.append(self._slots[id(message.payload)])

    def latest(self, topic: str, at: SimNs) -> Message | None:
        """The last message of a topic at or before an instant."""
        return self._said[topic].latest(at)

    def payload(self, topic: str, at: SimNs) -> Any:
        """Its payload; None if there was none yet."""
        message = self.latest(topic, at)
        return None if message is None else message.payload

    def picture_at(self, at: SimNs) -> SimNs | None:
        """When the picture was taken that the stack had last at an instant; None if it had none."""
        index = bisect_right(self._had_at, at)
        return self._had[index - 1] if index else None


class Wire:
    """Between the camera and the stack: which picture is the one to show, where faults sat on its way."""

    def __init__(self, prepared: PreparedRun, record: RunRecord, heard: Heard) -> None:
        point = f"channel:{topics.CAMERA_IMAGE}"
        names = {planned.name for planned in prepared.plan.faults if point in planned.fault.points}
        self._spells = tuple((begin, end) for name, begin, end in fault_windows(record) if name in names)
        self._heard = heard

    def shown_at(self, at: SimNs) -> SimNs:
        """While pictures froze, were lost or came late: when the one was taken that the stack had; else `at`."""
        if not any(begin <= at < end for begin, end in self._spells):
            return at
        had = self._heard.picture_at(at)
        return at if had is None else had

"""One stage's place on a host: its bounded queue, its state, and the books of its messages."""

from collections import deque
from typing import Any

from sim.ports import StageAccount
from stack.vocabulary import Message, QueuePolicy, SimNs, Stage

Waiting = tuple[Message | None, SimNs]  # a message (None: the stage's timer) and when it was released


class Job:
    """One run of a stage's function: started, with its result known and its work still to be done."""

    __slots__ = (
        "armed", "desk", "first_at", "limit_at", "messages", "released_at", "remaining", "result", "slot", "started_at",
        "trigger", "work_ns",
    )  # fmt: skip

    def __init__(
        self, desk: "StageDesk", messages: tuple[Message, ...], first_at: SimNs, released_at: SimNs, started_at: SimNs
    ) -> None:
        self.desk = desk
        self.first_at = first_at
        self.messages = messages
        if messages:
            self.trigger: Message | None = messages[-1]
            self.slot = messages[-1].true_at
        else:
            self.trigger = None
            self.slot = released_at
        self.released_at = released_at
        self.started_at = started_at
        self.limit_at = started_at + desk.watchdog_ns
        self.result: Any = None
        self.work_ns = 0
        self.remaining = 0  # work left, nanoseconds at full speed times 1000; below 0 at start: never ends
        self.armed = False

    @property
    def row(self) -> int:
        """The row of its stage."""
        return self.desk.row

    @property
    def order(self) -> tuple[int, SimNs, int]:
        """What comes first for a core: priority, then release, then row."""
        return self.desk.stage.priority, self.first_at, self.desk.row


class StageDesk:
    """Where a stage sits: queue in, state, job under way, outputs that wait for a full queue.

    A desk stands in `waiting`, a list its host shares among all desks, while its queue holds something.
    """

    def __init__(self, row: int, stage: Stage, waiting: list["StageDesk"], accelerated: bool) -> None:
        self.row = row
        self.stage = stage
        self.watchdog_ns = stage.watchdog_ns
        self.accelerated = accelerated  # its jobs run on the accelerator
        self._batch = stage.batch
        self.queue: deque[Waiting] = deque()
        self._waiting = waiting
        self.latest: dict[str, Message] = {}
        self.state: Any = None
        self.job: Job | None = None
        self.rests_on: Message | None = None  # the latest data it worked on: what a timer's job rests on
        self.held_back: deque[tuple[StageDesk, Message]] = deque()
        self.released = self.finished = self.dropped = self.killed = self.deadline_misses = 0
        self._depth = 1 if stage.queue.policy is QueuePolicy.LATEST_ONLY else stage.queue.depth
        self.blocks = stage.queue.policy is QueuePolicy.BLOCK

    @property
    def full(self) -> bool:
        """No place is free in the queue."""
        return len(self.queue) >= self._depth

    def put(self, message: Message | None, now: SimNs) -> None:
        """Release one message; the oldest goes if the queue is full."""
        self.released += 1
        queue = self.queue
        if not queue:
            self._waiting.append(self)
        elif len(queue) >= self._depth:
            queue.popleft()
            self.dropped += 1
        queue.append((message, now))

    def take(self, now: SimNs) -> Job:
        """The next job, started now: on the oldest message, or on all for a stage that takes batches."""
        queue = self.queue
        if self._batch and len(queue) > 1:
            first_at, released_at = queue[0][1], queue[-1][1]
            messages = tuple([message for message, _ in queue if message is not None])
            queue.clear()
        else:
            message, first_at = queue.popleft()
            released_at = first_at
            messages = () if message is None else (message,)
        if not queue:
            self._waiting.remove(self)
        return Job(self, messages, first_at, released_at, now)

    def clear(self) -> None:
        """Forget job, queue and readings: after a crash. What is lost counts as killed."""
        self.killed += len(self.queue) + self.job_size()
        if self.queue:
            self.queue.clear()
            self._waiting.remove(self)
        self.latest.clear()
        self.held_back.clear()
        self.rests_on = None
        self.job = None

    def job_size(self) -> int:
        """How many releases the job under way took."""
        return max(1, len(self.job.messages)) if self.job else 0

    @property
    def order(self) -> tuple[int, SimNs, int]:
        """What comes first for a core, of what waits here."""
        return self.stage.priority, self.queue[0][1], self.row

    def account(self) -> StageAccount:
        """The books: released = finished + dropped + killed + pending."""
        return StageAccount(
            stage=self.stage.name,
            released=self.released,
            finished=self.finished,
            dropped=self.dropped,
            killed=self.killed,
            pending=len(self.queue) + self.job_size(),
            deadline_misses=self.deadline_misses,
        )

"""One stage's place on a host: its bounded queue, its state, and the books of its messages."""

from collections import deque
from typing import Any

from sim.ports import StageAccount
from stack.vocabulary import Message, QueuePolicy, SimNs, Stage

Waiting = tuple[Message | None, SimNs]  # a message (None: the stage's timer) and when it was released


class Job:
    """One run of a stage's function: started, with its result known and its work still to be done."""

    __slots__ = (
        "armed", "messages", "order", "released_at", "remaining", "result", "row", "slot", "started_at", "trigger", "work_ns",
    )  # fmt: skip

    def __init__(self, row: int, order: tuple[int, SimNs, int], taken: list[Waiting], started_at: SimNs) -> None:
        self.row = row
        self.order = order
        self.messages = tuple(message for message, _ in taken if message is not None)
        self.trigger = self.messages[-1] if self.messages else None
        self.released_at = taken[-1][1]
        self.started_at = started_at
        self.slot = self.trigger.true_at if self.trigger is not None else self.released_at
        self.result: Any = None
        self.work_ns = 0
        self.remaining = 0  # work left, nanoseconds at full speed times 1000; below 0 at start: never ends
        self.armed = False


class StageDesk:
    """Where a stage sits: queue in, state, job under way, outputs that wait for a full queue."""

    def __init__(self, row: int, stage: Stage) -> None:
        self.row = row
        self.stage = stage
        self.queue: deque[Waiting] = deque()
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

    @property
    def ready(self) -> bool:
        """A job could start: something waits, none is under way, no output is held back."""
        return bool(self.queue) and self.job is None and not self.held_back

    def put(self, message: Message | None, now: SimNs) -> None:
        """Release one message; the oldest goes if the queue is full."""
        self.released += 1
        if len(self.queue) >= self._depth:
            self.queue.popleft()
            self.dropped += 1
        self.queue.append((message, now))

    def take(self) -> list[Waiting]:
        """What the next job works on: the oldest message, or all for a stage that takes batches."""
        if not self.stage.batch:
            return [self.queue.popleft()]
        taken = list(self.queue)
        self.queue.clear()
        return taken

    def clear(self) -> None:
        """Forget job, queue and readings: after a crash. What is lost counts as killed."""
        self.killed += len(self.queue) + self.job_size()
        self.queue.clear()
        self.latest.clear()
        self.held_back.clear()
        self.rests_on = None
        self.job = None

    def job_size(self) -> int:
        """How many releases the job under way took."""
        return max(1, len(self.job.messages)) if self.job else 0

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

"""Where a campaign's runs are computed: in this process, or in worker processes that may die.

An Engine takes tasks and gives outcomes as they finish. A task that kills its worker is answered with
its error, never with silence, and the others go on. Guarantees: each submitted task is answered exactly
once unless `cancel` was called; `close` may be called twice.
"""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import resource_tracker
from threading import current_thread, main_thread
from typing import Any, Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What became of one task: its result, or the error that ended it."""

    index: int
    result: Any
    error: str


class Engine(Protocol):
    """Computes tasks; one suite of tests holds every engine to the guarantees above."""

    def submit(self, index: int, function: Callable[..., object], *arguments: object) -> None:
        """Take a task; `index` names it in its answer."""
        ...

    def as_completed(self) -> Iterator[Answer]:
        """Answers in order of completion, until every task is answered."""
        ...

    def cancel(self) -> None:
        """Drop what has not finished."""
        ...

    def close(self) -> None:
        """Let go of every process."""
        ...


class InlineEngine:
    """One task after the other, here."""

    def __init__(self) -> None:
        self._waiting: list[tuple[int, Callable[..., object], tuple[object, ...]]] = []

    def submit(self, index: int, function: Callable[..., object], *arguments: object) -> None:
        """Take a task."""
        self._waiting.append((index, function, arguments))

    def as_completed(self) -> Iterator[Answer]:
        """Compute and answer, in order of submission."""
        while self._waiting:
            index, function, arguments = self._waiting.pop(0)
            try:
                answer = Answer(index=index, result=function(*arguments), error="")
            except Exception as problem:
                answer = Answer(index=index, result=None, error=f"{type(problem).__name__}: {problem}")
            yield answer

    def cancel(self) -> None:
        """Forget what waits."""
        self._waiting.clear()

    def close(self) -> None:
        """Nothing to let go of."""
        self._waiting.clear()


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Ctrl-C reaches every process of a terminal. What is started in here never sees it: a signal mask
    is inherited, and it is this process alone that stops a campaign. A Ctrl-C meanwhile is not lost.
    """
    if current_thread() is not main_thread() or not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # would lift the mask if it were first started within
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class DaskEngine:
    """Worker processes through dask.distributed: a dead worker's task is tried again, then given up."""

    def __init__(self, jobs: int) -> None:
        import dask
        from distributed import Client, LocalCluster

        dask.config.set(
            {
                "distributed.scheduler.allowed-failures": 1,
                "distributed.scheduler.worker-saturation": 1.0,  # nobody waits at a worker, to be blamed for its death
                "distributed.worker.daemon": False,
            }
        )
        self._futures: dict[Any, int] = {}
        self._open: list[Any] = []  # what must be closed, last opened first
        try:
            with _interrupts_held():
                cluster = LocalCluster(  # type: ignore[no-untyped-call]
                    n_workers=jobs,
                    threads_per_worker=1,
                    processes=True,
                    host="127.0.0.1",
                    dashboard_address="127.0.0.1:0",  # any free port, so that campaigns may run side by side
                    silence_logs=50,
                )
                self._open.append(cluster)
                self._client: Any = Client(cluster)  # type: ignore[no-untyped-call]
                self._open.append(self._client)
        except BaseException:
            self.close()
            raise

    def submit(self, index: int, function: Callable[..., object], *arguments: object) -> None:
        """Take a task."""
        future = self._client.submit(function, *arguments, pure=False, key=f"run-{index}")
        self._futures[future] = index

    def as_completed(self) -> Iterator[Answer]:
        """Answers as workers finish."""
        from distributed import as_completed

        for future in as_completed(list(self._futures)):  # type: ignore[no-untyped-call]
            if future.status != "cancelled":
                yield self._answer(future)
            future.release()

    def _answer(self, future: Any) -> Answer:  # distributed's futures carry no result type
        """A future's result, or why there is none: it may have died with the worker that kept it."""
        index = self._futures[future]
        try:
            return Answer(index=index, result=future.result(), error="")
        except Exception as problem:
            return Answer(index=index, result=None, error=f"{type(problem).__name__}: {problem}")

    def cancel(self) -> None:
        """Drop what has not finished."""
        self._client.cancel(list(self._futures), force=True)

    def close(self) -> None:
        """End every worker."""
        while self._open:
            self._open.pop().close()


def engine_for(jobs: int, tasks: int) -> Engine:
    """In this process for one job or one task, else worker processes."""
    return InlineEngine() if jobs <= 1 or tasks <= 1 else DaskEngine(min(jobs, tasks))

"""The Chrome trace-event format: what the Perfetto viewer and others read, as plain JSON, gzipped.

Written after "Trace Event Format" (Duffy, Sinclair and others, Google, 2016). Times in files are
microseconds, ours nanoseconds; nothing is rounded. Complete slices ("X") of one thread must nest, so
slices of one track that overlap are laid on lanes, each a thread of its own. The same sheet gives the
same bytes.
"""

import gzip
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

LANES = 64  # of a track; more at once share the last one, shortened so that they do not overlap
NS_PER_US = 1000
_RANK = {"M": 0, "X": 1, "s": 2, "t": 2, "f": 2, "C": 3, "i": 4}  # at one instant: slices before what sits on them


@dataclass(frozen=True, slots=True)
class Place:
    """A slice's thread and an instant on it: where an arrow can begin, pass or end."""

    pid: int
    tid: int
    at_ns: int


@dataclass(slots=True)
class _Track:
    """A named row of slices, and until when each of its lanes is taken."""

    tid: int
    ends_ns: list[int] = field(default_factory=list)


class TraceSheet:
    """Events of a trace. Slices of one track must be given in order of their start."""

    def __init__(self) -> None:
        self._events: list[tuple[int, int, int, int, dict[str, Any]]] = []
        self._processes: dict[str, int] = {}
        self._tracks: dict[tuple[int, str], _Track] = {}
        self._flows = 0

    def slice(
        self, process: str, track: str, name: str, begins_ns: int, ends_ns: int, args: dict[str, Any] | None = None
    ) -> Place:
        """A span with a name; returns where it begins."""
        pid, row = self._row(process, track)
        lane = next((number for number, end in enumerate(row.ends_ns) if end <= begins_ns), len(row.ends_ns))
        if lane >= LANES:
            lane = min(range(LANES), key=row.ends_ns.__getitem__)
            begins_ns = min(max(begins_ns, row.ends_ns[lane]), max(ends_ns, begins_ns))
        if lane == len(row.ends_ns):
            row.ends_ns.append(0)
            if lane:
                self._name_thread(pid, row.tid + lane, f"{track} ({lane + 1})")
        row.ends_ns[lane] = max(ends_ns, begins_ns)
        event = {"dur": (max(ends_ns, begins_ns) - begins_ns) / NS_PER_US, "name": name, "cat": process}
        self._add("X", begins_ns, pid, row.tid + lane, event | ({"args": args} if args else {}))
        return Place(pid, row.tid + lane, begins_ns)

    def instant(self, process: str, track: str, name: str, at_ns: int, args: dict[str, Any] | None = None) -> None:
        """A mark on a track."""
        pid, row = self._row(process, track)
        self._add("i", at_ns, pid, row.tid, {"name": name, "cat": process, "s": "t"} | ({"args": args} if args else {}))

    def counter(self, process: str, name: str, at_ns: int, value: float) -> None:
        """A number that holds from now on."""
        self._add("C", at_ns, self._pid(process), 0, {"name": name, "args": {"value": value}})

    def flow(self, name: str, places: Iterable[Place]) -> None:
        """Arrows through slices, from the first place to the last; at least two."""
        way = list(places)
        if len(way) < 2:  # noqa: PLR2004 - an arrow has two ends
            return
        self._flows += 1
        for number, place in enumerate(way):
            phase = "s" if number == 0 else "f" if number == len(way) - 1 else "t"
            event = {"name": name, "cat": "flow", "id": self._flows} | ({"bp": "e"} if phase == "f" else {})
            self._add(phase, place.at_ns, place.pid, place.tid, event)

    def document(self, about: dict[str, Any]) -> dict[str, Any]:
        """The trace as one JSON object, events in order of time."""
        self._events.sort(key=lambda row: row[:4])
        return {"displayTimeUnit": "ms", "otherData": about, "traceEvents": [row[4] for row in self._events]}

    def _row(self, process: str, track: str) -> tuple[int, _Track]:
        pid = self._pid(process)
        row = self._tracks.get((pid, track))
        if row is None:
            taken = sum(1 for owner, _ in self._tracks if owner == pid)
            row = self._tracks[pid, track] = _Track(tid=1 + taken * LANES)
            self._name_thread(pid, row.tid, track)
        return pid, row

    def _pid(self, process: str) -> int:
        pid = self._processes.get(process)
        if pid is None:
            pid = self._processes[process] = len(self._processes) + 1
            self._describe("process_name", pid, 0, {"name": process})
            self._describe("process_sort_index", pid, 0, {"sort_index": pid})
        return pid

    def _name_thread(self, pid: int, tid: int, name: str) -> None:
        self._describe("thread_name", pid, tid, {"name": name})
        self._describe("thread_sort_index", pid, tid, {"sort_index": tid})

    def _describe(self, name: str, pid: int, tid: int, args: dict[str, Any]) -> None:
        event = {"ph": "M", "pid": pid, "tid": tid, "ts": 0, "name": name, "args": args}
        self._events.append((-1, _RANK["M"], pid, tid, event))

    def _add(self, phase: str, at_ns: int, pid: int, tid: int, more: dict[str, Any]) -> None:
        event = {"ph": phase, "pid": pid, "tid": tid, "ts": at_ns / NS_PER_US} | more
        self._events.append((at_ns, _RANK[phase], pid, tid, event))


def trace_bytes(document: dict[str, Any]) -> bytes:
    """A trace as a file's bytes; without the time of compression, so that equal traces are equal files."""
    text = json.dumps(document, separators=(",", ":"), allow_nan=False, ensure_ascii=False)
    return gzip.compress(text.encode(), compresslevel=6, mtime=0)

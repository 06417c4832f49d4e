"""Which message of a sensor belongs to which tick, and what became of those that were due.

A sensor that is due every n ticks owes a message for every n-th frame from its first on. A message is
matched if it came before its tick was left, late if it came afterwards, lost if it never came; one
that nobody expected is counted as well. Due = matched + late + lost + waiting.
"""

from dataclasses import dataclass, field


@dataclass(slots=True, kw_only=True)
class Stream:
    """The books of one sensor."""

    period_ticks: int
    first: int | None = None  # its first frame; None until it has spoken
    owed: dict[int, bool] = field(default_factory=dict)  # frame: whether its tick was left without it
    due: int = 0
    matched: int = 0
    late: int = 0
    lost: int = 0
    unexpected: int = 0


class FrameBook:
    """Due, late and lost messages by sensor. Frames are the server's numbers."""

    def __init__(self, periods: dict[str, int], patience_ticks: int = 100) -> None:
        self._streams = {name: Stream(period_ticks=period) for name, period in periods.items()}
        self._patience = patience_ticks

    def awaited(self, frame: int) -> frozenset[str]:
        """The sensors that owe a message of this frame which has not come."""
        return frozenset(name for name, stream in self._streams.items() if stream.owed.get(frame) is False)

    def ticked(self, frame: int) -> None:
        """The server has gone on to this frame: note what is due."""
        for stream in self._streams.values():
            if stream.first is not None and frame > stream.first and (frame - stream.first) % stream.period_ticks == 0:
                self._owe(stream, frame)

    def came(self, sensor: str, frame: int) -> bool:
        """A message came; whether it belongs to a frame that still waited for it."""
        stream = self._streams[sensor]
        if stream.first is None:
            stream.first = frame
            self._owe(stream, frame)
        if frame not in stream.owed:
            stream.unexpected += 1
            return False
        if stream.owed.pop(frame):
            stream.late += 1
            return False
        stream.matched += 1
        return True

    def left(self, frame: int) -> None:
        """The tick is over: what it still owes is late from now on, and lost after the patience."""
        for stream in self._streams.values():
            if frame in stream.owed:
                stream.owed[frame] = True
            for old in [one for one in stream.owed if one < frame - self._patience]:
                del stream.owed[old]
                stream.lost += 1

    def closed(self) -> None:
        """Nothing comes any more: whatever is owed is lost."""
        for stream in self._streams.values():
            stream.lost += len(stream.owed)
            stream.owed.clear()

    def account(self) -> dict[str, dict[str, int]]:
        """The books as plain numbers."""
        return {
            name: {
                "due": stream.due,
                "matched": stream.matched,
                "late": stream.late,
                "lost": stream.lost,
                "unexpected": stream.unexpected,
                "waiting": len(stream.owed),
            }
            for name, stream in self._streams.items()
        }

    @staticmethod
    def _owe(stream: Stream, frame: int) -> None:
        stream.due += 1
        stream.owed[frame] = False

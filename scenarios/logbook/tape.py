"""The file under a recording: an MCAP writer whose chunks reach the disk as soon as they are complete.

While a run goes the file is called `NAME.mcap.part`; only a recording that came to its end is renamed to
`NAME.mcap`. A run that breaks off or a process that is killed leaves the part, which can be read up to
its last complete chunk (other programs may want it mended first: `mcap recover`). A disk that is full or
cannot be written is a clear error, and then nothing stays behind.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from errno import EISDIR
from pathlib import Path
from typing import IO, Any, Protocol

from scenarios.documents import shown_path
from scenarios.logbook import contents
from scenarios.logbook.parts import record_extra
from scenarios.logbook.values import packed
from stack.vocabulary import NS_PER_S, Finding, InputError, MachineryError, SimNs

try:
    from foxglove import Schema
    from mcap.writer import CompressionType, Writer
except ModuleNotFoundError as absent:
    raise record_extra(absent) from absent

CHUNK_NS = NS_PER_S // 2  # virtual time of a chunk: what a kill can cost at most
CHUNK_BYTES = 32 * 1024 * 1024  # and never more than this, which a camera and a lidar seldom reach


class Drawn(Protocol):
    """A message in one of Foxglove's well-known schemas."""

    @staticmethod
    def get_schema() -> Schema:
        """The schema."""
        ...

    def encode(self) -> bytes:
        """The message in its schema's encoding."""
        ...


class _Flushed:
    """A file that hands every write on at once: what the writer gives it is a complete record."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def write(self, data: bytes) -> int:
        if not data:
            return 0
        written = self._stream.write(data)
        self._stream.flush()
        return written

    def tell(self) -> int:
        return self._stream.tell()

    def flush(self) -> None:
        self._stream.flush()


class Tape:
    """One recording being written; `path` is its final name."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.part = path.with_name(path.name + contents.UNFINISHED)
        self._channels: dict[str, int] = {}
        self._schemas: dict[str, int] = {}
        self._chunk_ends_at = CHUNK_NS
        self._open = False
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.is_dir():
                raise IsADirectoryError(EISDIR, "there is a folder of this name")
            self._stream = self.part.open("wb")
        except OSError as problem:
            raise InputError((_unwritable(path, problem),)) from problem
        self._open = True
        self._writer: Any = Writer(  # typed in part only
            _Flushed(self._stream),  # type: ignore[arg-type]
            chunk_size=CHUNK_BYTES,
            compression=CompressionType.ZSTD,
            enable_crcs=True,
        )
        with self._guard():
            self._writer.start(profile="", library=f"faultline, recording schema {contents.SCHEMA}")

    # -- writing --------------------------------------------------------------------------------

    def value(self, channel: str, at: SimNs, value: Any, sequence: int = 0) -> None:
        """A value with every bit, on one of the channels of `contents`."""
        number = self._channels.get(channel)
        if number is None:
            number = self._channel(channel, contents.PACKED, 0)
        self._add(number, at, at, packed(value), sequence)

    def drawn(self, topic: str, at: SimNs, message: Drawn, true_at: SimNs | None = None) -> None:
        """Something for viewers; `true_at` if it shows an earlier instant."""
        number = self._channels.get(topic)
        if number is None:
            schema = message.get_schema()
            number = self._channel(topic, schema.encoding, self._schema(schema.name, schema.encoding, schema.data))
        self._add(number, at, at if true_at is None else true_at, message.encode(), 0)

    def signals(self, topic: str, at: SimNs, values: dict[str, float | None]) -> None:
        """Named numbers to plot; a number that is not finite must be None."""
        number = self._channels.get(topic)
        if number is None:
            properties = {name: {"type": ["number", "null"]} for name in values}
            schema = json.dumps({"type": "object", "properties": properties}, sort_keys=True).encode()
            number = self._channel(topic, "json", self._schema(topic.strip("/"), "jsonschema", schema))
        self._add(number, at, at, json.dumps(values, allow_nan=False).encode(), 0)

    def metadata(self, name: str, document: dict[str, Any]) -> None:
        """A metadata record: each value as JSON text. What was told before it is on the disk when this returns."""
        texts = {key: json.dumps(value, sort_keys=True, allow_nan=False) for key, value in document.items()}
        with self._guard():
            self._writer.flush()
            self._writer.add_metadata(name, texts)

    def finish(self) -> Path:
        """Complete the file and give it its name."""
        with self._guard():
            self._writer.finish()
            self._stream.close()
            self._open = False
            self.part.replace(self.path)
        return self.path

    def give_up(self) -> None:
        """Leave the file as it is, after its last complete chunk and under the name of an unfinished one."""
        if self._open:
            self._open = False
            with self._guard():
                self._stream.close()

    # -- the writer -----------------------------------------------------------------------------

    def _add(self, channel: int, at: SimNs, published_at: SimNs, data: bytes, sequence: int) -> None:
        try:  # as `_guard`, which costs as much as all the rest here
            if at >= self._chunk_ends_at:
                self._writer.flush()
                self._chunk_ends_at = (at // CHUNK_NS + 1) * CHUNK_NS
            self._writer.add_message(
                channel_id=channel,
                log_time=at,
                publish_time=max(published_at, 0),
                data=data,
                sequence=max(sequence, 0),
            )
        except OSError as problem:
            raise self._failed(problem) from problem

    def _channel(self, topic: str, encoding: str, schema: int) -> int:
        with self._guard():
            number: int = self._writer.register_channel(topic, encoding, schema, {})
        self._channels[topic] = number
        return number

    def _schema(self, name: str, encoding: str, data: bytes) -> int:
        if name not in self._schemas:
            with self._guard():
                self._schemas[name] = self._writer.register_schema(name, encoding, data)
        return self._schemas[name]

    @contextmanager
    def _guard(self) -> Iterator[None]:
        """Turn a failed write into a clear error, with nothing left behind."""
        try:
            yield
        except OSError as problem:
            raise self._failed(problem) from problem

    def _failed(self, problem: OSError) -> MachineryError:
        """Take the file away; returns what to raise."""
        self._open = False
        with suppress(OSError):  # the same failure once more, while the last bytes are handed on
            self._stream.close()
        with suppress(OSError):
            self.part.unlink(missing_ok=True)
        return MachineryError(str(_unwritable(self.path, problem)))


def _unwritable(path: Path, problem: OSError) -> Finding:
    words = f"cannot be written: {problem.strerror or problem}; nothing of it is kept. Free space or record elsewhere"
    return Finding(where=shown_path(path), field="recording", problem=words)

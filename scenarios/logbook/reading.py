"""Reading a recording back: what it says of its run, and its values one by one, in the order they were told.

A file whose writer was killed is read up to its last complete record; `cut` then says so in words. A
file that was completed and does not read is damaged, and refused with the byte at which it breaks.
"""

import json
import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Annotated, Any, NamedTuple, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from scenarios.commands import StoredRequest
from scenarios.documents import shown_path
from scenarios.logbook import contents
from scenarios.logbook.parts import record_extra
from scenarios.logbook.values import UnknownValue, unpacked
from stack.vocabulary import Finding, InputError, SimNs

try:
    from mcap.exceptions import EndOfFile
    from mcap.records import Channel, Footer, McapRecord, Message, Metadata
    from mcap.stream_reader import StreamReader
except ModuleNotFoundError as absent:
    raise record_extra(absent) from absent

MAGIC = bytes([137, 77, 67, 65, 80, 48, 13, 10])  # MCAP format, version 0
_HEAD_BYTES = 9  # of a record: opcode and length
_MEND = "take a file that `faultline run --record` wrote"


class _Told(BaseModel):
    """A metadata record; keys of later versions are left alone."""

    model_config = ConfigDict(extra="ignore", strict=True)


_T = TypeVar("_T", bound=_Told)


class Begun(_Told):
    """What was known before the run's first instant."""

    run_id: str
    request: StoredRequest
    key: dict[str, Any]
    key_hash: str
    pair_key: str
    fingerprint: dict[str, str]
    code_version: str


class Ended(_Told):
    """What was known once the run had ended."""

    record_hash: str
    ended_at: Annotated[int, Field(ge=0)]
    ending: str
    costs_ns: list[int]
    faults: list[dict[str, Any]]
    stack_crashes: list[str]


class Entry(NamedTuple):
    """One value of a recording: on which channel, told when."""

    channel: str
    at: SimNs
    value: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A recording that can be read. `ended` is None and `cut` says why if its run's end is not in it."""

    path: Path
    begun: Begun
    ended: Ended | None
    cut: str
    whole_bytes: int

    def entries(self, channels: Collection[str] = contents.VALUES) -> Iterator[Entry]:
        """The values on some channels, in the order in which the run told them; raises `InputError` on damage."""
        topics: dict[int, str] = {}
        for record in _records(self.path, self.whole_bytes, chunks=False):
            if isinstance(record, Channel):
                topics[record.id] = record.topic
            elif isinstance(record, Message) and topics.get(record.channel_id) in channels:
                channel = topics[record.channel_id]
                yield Entry(channel, SimNs(record.log_time), self._value(channel, record))

    def _value(self, channel: str, record: Message) -> Any:
        try:
            return unpacked(record.data)
        except UnknownValue as problem:
            where = f"{shown_path(self.path)}, {channel} at {record.log_time / 1e9:.3f} s"
            words = f"{problem}; replay it with the version that recorded it ({self.begun.code_version})"
            raise InputError((Finding(where=where, field="recording", problem=words),)) from problem


def read_tolerant(path: Path) -> Recording:
    """A recording, whole or cut short; raises `InputError` for anything else, saying what to do."""
    whole, complete = _whole_bytes(path)
    told: dict[str, dict[str, str]] = {}
    for record in _records(path, whole, chunks=True):
        if isinstance(record, Metadata):
            told[record.name] = record.metadata
    if contents.BEGUN not in told:
        problem = "was cut before its run began" if not complete else "is an MCAP file of somebody else"
        raise _refusal(path, f"{problem}: it has no record {contents.BEGUN}; {_MEND}")
    _check_schema(path, told[contents.BEGUN])
    ended = _told(path, Ended, told[contents.ENDED]) if contents.ENDED in told else None
    cut = ""
    if ended is None:
        cut = "the run was broken off while it was recorded"
        cut += "" if complete else f"; complete up to byte {whole} of {os.path.getsize(path)}"
    return Recording(path=path, begun=_told(path, Begun, told[contents.BEGUN]), ended=ended, cut=cut, whole_bytes=whole)


def _refusal(path: Path, problem: str) -> InputError:
    return InputError((Finding(where=shown_path(path), field="recording", problem=problem),))


def _check_schema(path: Path, texts: dict[str, str]) -> None:
    number = texts.get("schema", "")
    if number.isdecimal() and int(number) > contents.SCHEMA:
        mend = f"this version reads up to {contents.SCHEMA}: update Faultline"
        raise _refusal(path, f"was written with recording schema {number}; {mend}")
    if number != str(contents.SCHEMA):
        raise _refusal(path, f"names no recording schema that ever was: '{number}'; {_MEND}")


def _told(path: Path, kind: type[_T], texts: dict[str, str]) -> _T:
    """A metadata record as its model; all findings at once."""
    try:
        return kind.model_validate({key: json.loads(text) for key, text in texts.items()})
    except json.JSONDecodeError as broken:
        raise _refusal(path, f"has a metadata record that is no JSON: {broken.msg}; {_MEND}") from broken
    except ValidationError as error:
        where = shown_path(path)
        rows = [(".".join(map(str, row["loc"])), row["msg"]) for row in error.errors()]
        raise InputError(tuple(Finding(where=where, field=loc, problem=text) for loc, text in rows)) from error


# -- records ------------------------------------------------------------------------------------


def _whole_bytes(path: Path) -> tuple[int, bool]:
    """How many bytes of complete records the file holds from its start, and whether its writer completed it."""
    try:
        size = path.stat().st_size
        with path.open("rb") as stream:
            if stream.read(len(MAGIC)) != MAGIC:
                raise _refusal(path, f"is no MCAP file; {_MEND}")
            place = len(MAGIC)
            while place + _HEAD_BYTES <= size:
                stream.seek(place)
                length = int.from_bytes(stream.read(_HEAD_BYTES)[1:], "little")
                if place + _HEAD_BYTES + length > size:
                    break
                place += _HEAD_BYTES + length
            stream.seek(max(size - len(MAGIC), 0))
            complete = stream.read() == MAGIC and size > len(MAGIC)
    except OSError as problem:
        raise _refusal(path, f"cannot be read: {problem.strerror}") from problem
    if complete and size - place != len(MAGIC):
        raise _refusal(path, f"is damaged: no record begins at byte {place}; record the run again")
    return (size if complete else place), complete


class _Prefix:
    """The first bytes of a file."""

    def __init__(self, stream: IO[bytes], size: int) -> None:
        self._stream = stream
        self._left = size

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(self._left if size < 0 else min(size, self._left))
        self._left -= len(data)
        return data

    def tell(self) -> int:
        return self._stream.tell()


def _records(path: Path, whole_bytes: int, *, chunks: bool) -> Iterator[McapRecord]:
    """Every complete record; what does not read is damage."""
    with path.open("rb") as stream:
        prefix = _Prefix(stream, whole_bytes)
        reader = StreamReader(prefix, emit_chunks=chunks, validate_crcs=True)  # type: ignore[arg-type]
        records = iter(reader.records)
        while True:
            place = prefix.tell()
            try:
                record = next(records)
            except Exception as problem:  # checksum, decompression, layout: each library has its own error
                if isinstance(problem, EndOfFile) and prefix.tell() == whole_bytes:
                    return
                words = f"is damaged at byte {place}: {problem or type(problem).__name__}; record the run again"
                raise _refusal(path, words) from problem
            yield record
            if isinstance(record, Footer):
                return

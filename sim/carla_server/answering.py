"""From a request that was unpacked to the bytes of its answer: shapes, envelopes, failures. No sockets here.

A request is `[0, number, method, parameters]`; the first parameter says whether the client waits. What a
handler returns goes into CARLA's envelope; what it raises becomes an error the client sees as
RuntimeError. Whatever a handler raises, the server goes on.
"""

import traceback
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple, Protocol

import msgpack

from sim.carla_server.callers import Caller, Callers
from sim.carla_server.calls import Call, Returns
from sim.carla_server.streams import Streams
from sim.episode.structs import Refused, Unreadable, read
from stack.vocabulary import FaultlineError

MOST_SAID: Final = 256  # own: kinds of trouble that are told, each once; the rest is only counted
LONGEST_TEXT: Final = 4_000  # own, characters of an error: clients print it whole
LONGEST_NAME: Final = 80  # own, characters of a method's name in a message
_REQUEST, _ANSWER, _NOTICE = 0, 1, 2
_VOID_DONE: Final = ((False,),)


class Log(Protocol):
    """Where the server tells what happened: an event in words, and fields."""

    def __call__(self, event: str, **fields: Any) -> None:
        """Tell."""
        ...


class Served(Protocol):
    """What stands behind the sockets. The transport calls it from one thread only."""

    @property
    def calls(self) -> Mapping[str, Call]:
        """The table of calls by name."""
        ...

    @property
    def streams(self) -> Streams:
        """Where its streams leave."""
        ...

    @property
    def synchronous(self) -> bool:
        """Whether clients tick; otherwise the server does."""
        ...

    @property
    def fixed_delta_s(self) -> float | None:
        """Simulated seconds of a tick in asynchronous mode; None: as long as it really took."""
        ...

    @property
    def callers(self) -> Callers:
        """Who is connected, and the Traffic Managers they registered."""
        ...

    def left(self, caller: Caller) -> None:
        """A client's connection ended: tell `callers`, and destroy what they say."""
        ...

    def tick(self, delta_s: float) -> int:
        """Move on and send what is due; returns the frame."""
        ...


class Later:
    """What a handler returns when it cannot answer yet: the work is done, and its result answered, after `go`.

    Requests of the same connection wait; other connections go on.
    """

    __slots__ = ("_resume", "ready", "work")

    def __init__(self, work: Callable[[], Any]) -> None:
        self.work = work
        self.ready = False
        self._resume: Callable[[], None] | None = None

    def go(self) -> None:
        """The work may be done now."""
        self.ready = True
        if self._resume is not None:
            resume, self._resume = self._resume, None
            resume()

    def when_ready(self, resume: Callable[[], None]) -> None:
        """Call this when the work may be done."""
        self._resume = resume


def when_taken(streams: Streams, work: Callable[[], Any]) -> Any:
    """Do the work now if every listener has taken what was sent before, or else once they have.

    For `tick_cue`, and a batch that ticks, in synchronous mode: a slow consumer slows the ticks and
    loses nothing.
    """
    if streams.taken:
        return work()
    later = Later(work)
    streams.when_taken(later.go)
    return later


class Request(NamedTuple):
    """A call as it came. `number` is None for a notice, which is not answered."""

    number: int | None
    method: str
    waits: bool
    arguments: tuple[Any, ...]


class Garbled(Exception):
    """Not a request. `number` is what could be told of it."""

    def __init__(self, text: str, number: int | None = None) -> None:
        super().__init__(text)
        self.number = number


def request(message: Any) -> Request:
    """What was unpacked, as a request. Raises Garbled."""
    if type(message) is not tuple or len(message) not in (3, 4):
        raise Garbled("a request is an array of four")
    number = message[1] if len(message) == 4 and message[0] == _REQUEST else None
    if type(number) is not int or not 0 <= number < 1 << 32:
        number = None
        if len(message) == 4 or message[0] != _NOTICE:
            raise Garbled("a request begins with 0 and a number")
    method, parameters = message[-2:]
    if type(method) is not str or type(parameters) is not tuple:
        raise Garbled("a request has a method's name and an array of parameters", number)
    if not parameters or parameters[0] not in ((False,), (True,)) or type(parameters[0][0]) is not bool:
        raise Garbled(f"{method[:LONGEST_NAME]}: the first parameter says whether the client waits: [bool]", number)
    return Request(number, method, not parameters[0][0], parameters[1:])


class Answering:
    """Answers requests from the table of calls. `unknown` and `failed` count what could not be answered."""

    def __init__(self, server: Served, log: Log) -> None:
        self._server, self._log = server, log
        self._calls = server.calls
        self._pack = msgpack.Packer(default=_plain, unicode_errors="surrogateescape").pack
        self._said: set[tuple[str, str]] = set()
        self.unknown: Counter[str] = Counter()
        self.failed = 0

    def answer(self, caller: Caller, asked: Request) -> bytes | Later:
        """The packed answer, or a promise of one (then `finish`)."""
        call = self._calls.get(asked.method)
        if call is None:
            return self._unlisted(asked)
        try:
            takes, raw = call.takes, asked.arguments
            if len(raw) < len(takes):
                raise Unreadable(f"{len(takes)} arguments were wanted, not {len(raw)}")
            arguments = [read(kind, one) for kind, one in zip(takes, raw, strict=False)]
            value = call.answer(self._server, caller, *arguments)
            if type(value) is Later:
                return value
            return self._wrapped(call, asked, value)
        except Exception as problem:
            return self._failure(call, asked, problem)

    def finish(self, asked: Request, later: Later) -> bytes:
        """Do the work that had to wait, and pack its answer."""
        call = self._calls[asked.method]
        try:
            return self._wrapped(call, asked, later.work())
        except Exception as problem:
            return self._failure(call, asked, problem)

    def garbled(self, problem: Garbled) -> bytes:
        """The answer to something with a number that is no request."""
        return self._packed(problem.number, str(problem), None)

    def told(self, kind: str, event: str, **fields: Any) -> None:
        """Tell of one kind of trouble once."""
        key = (kind, event)
        if key not in self._said and len(self._said) < MOST_SAID:
            self._said.add(key)
            self._log(event, **fields)

    def _wrapped(self, call: Call, asked: Request, value: Any) -> bytes:
        if call.returns is Returns.VALUE:
            return self._packed(asked.number, None, ((1, value),))
        return self._packed(asked.number, None, _VOID_DONE if call.returns is Returns.VOID else value)

    def _packed(self, number: int | None, error: str | None, result: Any) -> bytes:
        if number is None:
            return b""
        packed: bytes = self._pack((_ANSWER, number, error, result))
        return packed

    def _failure(self, call: Call, asked: Request, problem: Exception) -> bytes:
        if isinstance(problem, Refused | Unreadable | FaultlineError):
            text = str(problem) if isinstance(problem, Refused) else f"{call.name}: {problem}"
            if not asked.waits:  # nobody will read the answer
                self.told(call.name, f"{call.name} was refused: {text[:200]!a}")
        else:
            self.failed += 1
            text = f"{call.name}: the server failed: {type(problem).__name__}: {problem}"
            trace = "".join(traceback.format_exception(problem))
            self.told(call.name, f"{call.name} failed: {type(problem).__name__}", traceback=trace[-LONGEST_TEXT:])
        text = text[:LONGEST_TEXT]
        if call.returns is Returns.VALUE:
            return self._packed(asked.number, None, ((0, (text,)),))
        if call.returns is Returns.VOID:
            return self._packed(asked.number, None, ((True, (text,)),))
        return self._packed(asked.number, text, None)

    def _unlisted(self, asked: Request) -> bytes:
        """A call this server does not know: `set_*` is accepted, anything else is an error."""
        name = asked.method[:LONGEST_NAME]
        if name in self.unknown or len(self.unknown) < MOST_SAID:
            self.unknown[name] += 1
        accepted = name.startswith("set_")
        self.told("unlisted", f"unknown call {name!a}: " + ("accepted, changes nothing" if accepted else "refused"))
        if accepted:
            return self._packed(asked.number, None, _VOID_DONE)
        return self._packed(asked.number, f"this server has no call '{name}'", None)


def _plain(value: Any) -> Any:
    """Scalars of numpy as Python's own."""
    if hasattr(value, "item"):
        return value.item()
    raise TypeError(f"a {type(value).__name__} cannot be sent")

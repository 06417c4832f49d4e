"""Where a CARLA server is: `carla://HOST:PORT`, with options behind a question mark."""

from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from stack.vocabulary import NS_PER_MS, Finding, InputError

SCHEME = "carla"
DEFAULT_PORT = 2000  # of a CARLA server; its streams come over the next one
GRID_MS = 10  # of the ghost twin and the loop: ticks must be this long
DEFAULT_TIMEOUT_S = 20.0  # own: loading a large town takes longer than any tick
EXAMPLE = "write it as carla://HOST:PORT, say carla://127.0.0.1:2000"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A server's address, and how long an answer of it may take."""

    host: str
    port: int = DEFAULT_PORT
    timeout_s: float = DEFAULT_TIMEOUT_S

    @property
    def tick_ns(self) -> int:
        """The step of time asked of the server."""
        return GRID_MS * NS_PER_MS

    @property
    def text(self) -> str:
        """As it is written."""
        return f"{SCHEME}://{self.host}:{self.port}"


def address_of(text: str, where: str = "--world") -> Address:
    """The address in a text, with or without its scheme; raises `InputError` with the mend."""

    def refusal(problem: str) -> InputError:
        return InputError((Finding(where=where, field=text, problem=f"{problem}; {EXAMPLE}"),))

    try:
        parts = urlsplit(text if "://" in text else f"{SCHEME}://{text}")
        port = parts.port
    except ValueError as problem:
        raise refusal(str(problem)) from None
    if parts.scheme != SCHEME:
        raise refusal(f"'{parts.scheme}' is no kind of world")
    if not parts.hostname or parts.path not in ("", "/") or parts.username is not None or parts.fragment:
        raise refusal("names no host")
    timeout_s = DEFAULT_TIMEOUT_S
    for name, value in parse_qsl(parts.query, keep_blank_values=True):
        if name != "timeout_s":
            raise refusal(f"has no option '{name}' (known: timeout_s)")
        timeout_s = _seconds(value)
        if not 0.1 <= timeout_s <= 3600.0:
            raise refusal(f"timeout_s is '{value}', must be from 0.1 to 3600")
    return Address(host=parts.hostname, port=DEFAULT_PORT if port is None else port, timeout_s=timeout_s)


def _seconds(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return -1.0

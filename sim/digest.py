"""The record hash: a streamed BLAKE2b over a run's body in one canonical little-endian form.

Every value that crosses a boundary is a frozen dataclass of numbers, enums, strings and tuples; each
class gets one encoder, made once from its annotations. No seed, commit, host, path or wall time is
ever fed in, and nothing depends on `hash()` or on the order of a set.
"""

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from enum import Enum
from hashlib import blake2b, sha256
from struct import Struct, pack
from typing import Any, get_args, get_origin, get_type_hints

import numpy as np

Encoder = Callable[[Any], bytes]

_ENCODERS: dict[type, Encoder] = {}
_FED_TOGETHER = 128  # pieces
_LARGE = 4096  # bytes
_MANY_PARTS = 4  # from here on joining is cheaper than adding
_pack_text = Struct("<cI").pack


def encode(value: Any) -> bytes:
    """Canonical bytes of a value; raises TypeError for a kind that has no canonical form."""
    encoder = _ENCODERS.get(type(value))
    return encoder(value) if encoder is not None else _encoder_for(type(value))(value)


def _encode_tuple(value: tuple[Any, ...]) -> bytes:
    return pack("<cI", b"t", len(value)) + b"".join([encode(item) for item in value])


def _encode_text(value: str) -> bytes:
    raw = value.encode()
    return _pack_text(b"s", len(raw)) + raw


def _encode_bytes(value: bytes) -> bytes:
    return pack("<cI", b"b", len(value)) + _blob(value)


def _encode_array(value: np.ndarray[Any, Any]) -> bytes:
    little = np.ascontiguousarray(value, dtype=value.dtype.newbyteorder("<"))
    return _encode_text(value.dtype.str[1:] + str(value.shape)) + _blob(little)


def _blob(raw: Any) -> bytes:
    """Raw bytes as they are; of a picture or a cloud their SHA-256, which processors compute by themselves."""
    view = memoryview(raw)
    return view.tobytes() if view.nbytes < _LARGE else sha256(view.cast("B")).digest()


_ENCODERS.update(
    {
        int: lambda value: pack("<cq", b"i", value),
        float: lambda value: pack("<cd", b"f", value),
        bool: lambda value: b"\x01" if value else b"\x00",
        str: _encode_text,
        bytes: _encode_bytes,
        tuple: _encode_tuple,
        type(None): lambda _: b"n",
        np.ndarray: _encode_array,
        np.float64: lambda value: pack("<cd", b"f", value),
    }
)


def _encoder_for(kind: type) -> Encoder:
    """The encoder of an enum or dataclass, made at the first value of its kind."""
    if issubclass(kind, Enum):
        table = _names(kind)
        encoder: Encoder = lambda member: table[member._name_]  # noqa: E731 - one of two ways to make it
    elif is_dataclass(kind):
        expression = _Expression()
        source = f"lambda value: {expression.of(kind, 'value')}"
        encoder = eval(source, expression.names)  # noqa: S307 - source made below, of field names only
    else:
        raise TypeError(f"no canonical form for {kind.__name__}: use numbers, enums, text, tuples and dataclasses")
    _ENCODERS[kind] = encoder
    return encoder


def _names(kind: type[Enum]) -> dict[str, bytes]:
    """An enum's members as encoded text. By name, because a member's own hash is computed in Python."""
    return {member._name_: _encode_text(member._name_) for member in kind}


class _Expression:
    """Writes the source of one expression that encodes a value of a declared type; `names` are its globals.

    A dataclass is its class name, its numbers in one pack, then everything else in order of the fields.
    What the annotations declare exactly (numbers, text, enums, dataclasses, tuples of one kind of
    dataclass) is written out in place, so no dataclass may declare fields of its own kind; anything
    else is looked up by the value's own type.
    """

    def __init__(self) -> None:
        self.names: dict[str, Any] = {"encode": encode, "text": _encode_text, "join": b"".join, "count": _pack_text}

    def of(self, kind: type, value: str) -> str:
        """Source that encodes the dataclass instance called `value`."""
        hints = get_type_hints(kind)
        codes, numbers, others = "", [], []
        for field in fields(kind):
            hint = getattr(hints[field.name], "__supertype__", hints[field.name])
            code = {int: "q", float: "d", bool: "?"}.get(hint, "")
            codes += code
            if code:
                numbers.append(f"{value}.{field.name}")
            else:
                others.append(self._other(hint, f"{value}.{field.name}"))
        head = _encode_text(kind.__name__)
        packer = Struct(f"<{len(head)}s{codes}").pack
        parts = [f"{self._named(packer)}({', '.join([self._named(head), *numbers])})", *others]
        return " + ".join(parts) if len(parts) < _MANY_PARTS else f"join(({', '.join(parts)}))"

    def _other(self, hint: Any, value: str) -> str:  # noqa: ANN401 - any annotation
        """Source that encodes a field that is not a number."""
        if hint is str:
            return f"text({value})"
        if get_origin(hint) is tuple:
            item, *rest = get_args(hint)
            if rest == [Ellipsis] and isinstance(item, type) and is_dataclass(item):
                each = f"item{len(self.names)}"
                items = f"[{self.of(item, each)} for {each} in {value}]"
                return f"count(b't', len({value})) + join({items})"
        if isinstance(hint, type) and issubclass(hint, Enum):
            return f"{self._named(_names(hint))}[{value}._name_]"
        if isinstance(hint, type) and is_dataclass(hint):
            return self.of(hint, value)
        return f"encode({value})"

    def _named(self, thing: object) -> str:
        """A new global name for a thing."""
        name = f"_{len(self.names)}"
        self.names[name] = thing
        return name


class Digest:
    """A running hash of everything a run does."""

    def __init__(self, enabled: bool = True) -> None:
        self._hash = blake2b(digest_size=32)
        self._enabled = enabled
        self._waiting: list[bytes] = []  # fed in together, which is the same and costs less

    @property
    def waiting(self) -> list[bytes]:
        """What is fed in next. Whoever feeds very often may append canonical bytes here, and call `settle` at times."""
        return self._waiting

    def settle(self) -> None:
        """Feed in what waits, if it is worth it."""
        if len(self._waiting) >= _FED_TOGETHER:
            self._hash.update(b"".join(self._waiting))
            self._waiting.clear()

    @property
    def enabled(self) -> bool:
        """Whether anything is fed in; callers may spare the encoding if not."""
        return self._enabled

    def add(self, tag: bytes, value: Any) -> None:
        """Feed one tagged value."""
        if self._enabled:
            self.add_bytes(tag, encode(value))

    def add_bytes(self, tag: bytes, raw: bytes) -> None:
        """Feed bytes that are canonical already (a truth state)."""
        if self._enabled:
            self._waiting += (tag, raw)
            self.settle()

    def hexdigest(self) -> str:
        """The hash so far, 64 hex digits."""
        self._hash.update(b"".join(self._waiting))
        self._waiting.clear()
        return self._hash.hexdigest()

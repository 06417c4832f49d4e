"""The record hash: a streamed BLAKE2b over a run's body in one canonical little-endian form.

Every value that crosses a boundary is a frozen dataclass of numbers, enums, strings and tuples; each
class gets one encoder, made once from its annotations. No seed, commit, host, path or wall time is
ever fed in, and nothing depends on `hash()` or on the order of a set.
"""

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from enum import Enum
from hashlib import blake2b
from struct import pack
from typing import Any, get_type_hints

import numpy as np

Encoder = Callable[[Any], bytes]

_ENCODERS: dict[type, Encoder] = {}


def encode(value: Any) -> bytes:
    """Canonical bytes of a value; raises TypeError for a kind that has no canonical form."""
    encoder = _ENCODERS.get(type(value))
    return encoder(value) if encoder is not None else _encoder_for(type(value))(value)


def _encode_tuple(value: tuple[Any, ...]) -> bytes:
    return pack("<cI", b"t", len(value)) + b"".join([encode(item) for item in value])


def _encode_text(value: str) -> bytes:
    raw = value.encode()
    return pack("<cI", b"s", len(raw)) + raw


def _encode_array(value: np.ndarray[Any, Any]) -> bytes:
    little = np.ascontiguousarray(value, dtype=value.dtype.newbyteorder("<"))
    return _encode_text(value.dtype.str[1:] + str(value.shape)) + little.tobytes()


_ENCODERS.update(
    {
        int: lambda value: pack("<cq", b"i", value),
        float: lambda value: pack("<cd", b"f", value),
        bool: lambda value: b"\x01" if value else b"\x00",
        str: _encode_text,
        bytes: lambda value: pack("<cI", b"b", len(value)) + value,
        tuple: _encode_tuple,
        type(None): lambda _: b"n",
        np.ndarray: _encode_array,
        np.float64: lambda value: pack("<cd", b"f", value),
    }
)


def _encoder_for(kind: type) -> Encoder:
    if issubclass(kind, Enum):
        table = {member: _encode_text(member.name) for member in kind}
        encoder: Encoder = table.__getitem__
    elif is_dataclass(kind):
        encoder = _dataclass_encoder(kind)
    else:
        raise TypeError(f"no canonical form for {kind.__name__}: use numbers, enums, text, tuples and dataclasses")
    _ENCODERS[kind] = encoder
    return encoder


def _dataclass_encoder(kind: type) -> Encoder:
    """One function per class: numbers in one `struct.pack`, everything else after, in field order."""
    hints = get_type_hints(kind)
    codes, numbers, others = "", [], []
    for field in fields(kind):
        supertype = getattr(hints[field.name], "__supertype__", hints[field.name])
        code = {int: "q", float: "d", bool: "?"}.get(supertype, "")
        codes += code
        (numbers if code else others).append(field.name)
    head = _encode_text(kind.__name__)
    source = "lambda value: head"
    if numbers:
        source += f" + pack('<{codes}', " + ", ".join(f"value.{name}" for name in numbers) + ")"
    source += "".join(f" + encode(value.{name})" for name in others)
    encoder: Encoder = eval(source, {"head": head, "pack": pack, "encode": encode})  # noqa: S307 - source made above
    return encoder


class Digest:
    """A running hash of everything a run does."""

    def __init__(self, enabled: bool = True) -> None:
        self._hash = blake2b(digest_size=32)
        self._enabled = enabled

    @property
    def enabled(self) -> bool:
        """Whether anything is fed in; callers may spare the encoding if not."""
        return self._enabled

    def add(self, tag: bytes, value: Any) -> None:
        """Feed one tagged value."""
        if self._enabled:
            self._hash.update(tag + encode(value))

    def add_bytes(self, tag: bytes, raw: bytes) -> None:
        """Feed bytes that are canonical already (a truth state)."""
        if self._enabled:
            self._hash.update(tag + raw)

    def hexdigest(self) -> str:
        """The hash so far, 64 hex digits."""
        return self._hash.hexdigest()

"""Values as bytes and back, every bit kept: msgpack with the class written beside the fields.

A dataclass is a map with its class under the empty key, an enum member its class and name, an array
its element type, shape and raw little-endian bytes; tuples are arrays. Floats stay 64-bit floats (NaN,
infinities and negative zero included), integers stay integers of up to 64 bits. Any msgpack reader
can make sense of it without this code.
"""

from collections.abc import Callable
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from typing import Any

import numpy as np

from scenarios.logbook.parts import record_extra
from sim import attachments, recording, truth
from stack import vocabulary

try:
    import msgpack
except ModuleNotFoundError as absent:
    raise record_extra(absent) from absent

CLASS, MEMBER = "", "="
_ARRAY, _SCALAR = "array", "scalar"
_PLAIN_KINDS = (int, float, str, bytes, bool, type(None))


class UnknownValue(ValueError):
    """Bytes that hold no value this version knows; the message says which and why."""


def _known() -> dict[str, type]:
    """Every class that may appear in a file, by name."""
    kinds = [getattr(vocabulary, name) for name in vocabulary.__all__]
    kinds += [value for module in (truth, recording, attachments) for value in vars(module).values()]
    return {kind.__name__: kind for kind in kinds if isinstance(kind, type) and _writable(kind)}


def _writable(kind: type) -> bool:
    return is_dataclass(kind) or issubclass(kind, Enum) or hasattr(kind, "_fields")


KNOWN = _known()


def packed(value: Any) -> bytes:
    """A value's bytes; raises TypeError for a kind that cannot be written."""
    try:
        raw: bytes = msgpack.packb(_plain(value), use_bin_type=True)
    except OverflowError as problem:
        raise TypeError(f"an integer beyond 64 bits cannot be recorded: {problem}") from problem
    return raw


def unpacked(raw: bytes) -> Any:
    """The value of bytes; raises UnknownValue for what this version cannot make sense of."""
    try:
        return msgpack.unpackb(raw, use_list=False, object_hook=_made)
    except UnknownValue:
        raise
    except (ValueError, TypeError, KeyError, msgpack.UnpackException) as problem:
        raise UnknownValue(f"holds no value: {problem}") from problem


# -- to plain values ----------------------------------------------------------------------------

_WRITERS: dict[type, Callable[[Any], Any]] = {}


def _plain(value: Any) -> Any:
    kind = type(value)
    if kind in _PLAIN_KINDS:
        return value
    writer = _WRITERS.get(kind)
    if writer is None:
        writer = _WRITERS[kind] = _writer_of(kind)
    return writer(value)


def _writer_of(kind: type) -> Callable[[Any], Any]:
    """How values of a kind are written; made at the first of them."""
    if issubclass(kind, np.ndarray):
        return _plain_array
    if issubclass(kind, np.generic):
        return lambda value: _plain_array(np.asarray(value)) | {CLASS: _SCALAR}
    if issubclass(kind, Enum) and KNOWN.get(kind.__name__) is kind:
        name = kind.__name__
        return lambda member: {CLASS: name, MEMBER: member.name}
    if KNOWN.get(kind.__name__) is kind:
        return _plain_fields(kind, _field_names(kind))
    if issubclass(kind, tuple) and not hasattr(kind, "_fields"):
        return lambda value: [_plain(item) for item in value]
    if kind is dict:
        return lambda value: {key: _plain(item) for key, item in value.items()}
    raise TypeError(f"a {kind.__name__} cannot be recorded: use numbers, text, bytes, tuples, arrays and vocabulary")


def _plain_array(array: Any) -> dict[str, Any]:
    little = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
    if little.dtype.hasobject:
        raise TypeError("an array of Python objects cannot be recorded")
    return {CLASS: _ARRAY, "dtype": little.dtype.str, "shape": list(array.shape), "data": little.tobytes()}


def _plain_fields(kind: type, names: tuple[str, ...]) -> Callable[[Any], Any]:
    label = kind.__name__
    return lambda value: {CLASS: label, **{name: _plain(getattr(value, name)) for name in names}}


def _field_names(kind: Any) -> tuple[str, ...]:
    return tuple(kind._fields) if hasattr(kind, "_fields") else tuple(field.name for field in fields(kind))


# -- and back -----------------------------------------------------------------------------------


def _made(plain: dict[str, Any]) -> Any:
    """The value of one map; maps inside are values already."""
    label = plain.pop(CLASS, None)
    if label is None:
        return plain
    if label in (_ARRAY, _SCALAR):
        array = np.frombuffer(plain["data"], dtype=np.dtype(plain["dtype"])).reshape(plain["shape"])
        return array if label == _ARRAY else array[()]
    kind: Any = KNOWN.get(label)
    if kind is None:
        raise UnknownValue(f"holds a {label}, which this version does not know")
    if MEMBER in plain:
        if plain[MEMBER] not in kind.__members__:
            raise UnknownValue(f"holds a {label} named {plain[MEMBER]}, which this version does not know")
        return kind[plain[MEMBER]]
    _check_fields(label, kind, plain)
    return kind(**plain)


def _check_fields(label: str, kind: Any, plain: dict[str, Any]) -> None:
    """Refuse a value written by a version whose class had other fields; one with a default may be absent."""
    names = _field_names(kind)
    strange = [name for name in plain if name not in names]
    absent = [name for name in _required(kind) if name not in plain]
    if strange or absent:
        words = [f"has {', '.join(strange)}"] if strange else []
        words += [f"lacks {', '.join(absent)}"] if absent else []
        raise UnknownValue(f"holds a {label} of another version: it {' and '.join(words)}")


def _required(kind: Any) -> tuple[str, ...]:
    if hasattr(kind, "_fields"):
        return tuple(name for name in kind._fields if name not in kind._field_defaults)
    return tuple(each.name for each in fields(kind) if each.default is MISSING and each.default_factory is MISSING)

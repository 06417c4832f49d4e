"""The record hash's canonical form."""

from dataclasses import dataclass
from enum import Enum

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.digest import Digest, encode
from stack.vocabulary import Mode, ModeChange, SimNs


@dataclass(frozen=True)
class Sample:
    at: SimNs
    value: float
    yes: bool
    name: str
    items: tuple[float, ...]


class Colour(Enum):
    RED = 1
    BLUE = 2


def test_numbers_are_little_endian():
    assert encode(1) == b"i" + (1).to_bytes(8, "little")
    assert encode(np.array([1.0]))[-8:] == np.array([1.0], dtype="<f8").tobytes()


@settings(max_examples=50, deadline=None)
@given(st.integers(-(2**62), 2**62), st.floats(allow_nan=False), st.booleans(), st.text(), st.lists(st.floats()))
def test_equal_values_encode_equally_and_a_changed_field_does_not(at, value, yes, name, items):
    sample = Sample(SimNs(at), value, yes, name, tuple(items))
    assert encode(sample) == encode(Sample(SimNs(at), value, yes, name, tuple(items)))
    assert encode(sample) != encode(Sample(SimNs(at), value, not yes, name, tuple(items)))
    assert encode(sample) != encode(Sample(SimNs(at + 1), value, yes, name, tuple(items)))


def test_neighbouring_texts_cannot_be_confused():
    assert encode(("ab", "c")) != encode(("a", "bc"))
    assert encode(((1.0,), (2.0,))) != encode(((1.0, 2.0), ()))


def test_enums_are_told_apart_by_name():
    assert encode(Colour.RED) != encode(Colour.BLUE)
    change = ModeChange(before=Mode.NOMINAL, after=Mode.OFF, reason="x")
    assert encode(change) != encode(ModeChange(before=Mode.NOMINAL, after=Mode.WARN_ONLY, reason="x"))


def test_a_value_without_canonical_form_is_refused():
    with pytest.raises(TypeError, match="no canonical form"):
        encode({"a": 1})


def test_order_matters_and_a_disabled_digest_stays_empty():
    forward, backward, off = Digest(), Digest(), Digest(enabled=False)
    for tag, value in ((b"a", 1), (b"b", 2)):
        forward.add(tag, value)
        off.add(tag, value)
    for tag, value in ((b"b", 2), (b"a", 1)):
        backward.add(tag, value)
    assert forward.hexdigest() != backward.hexdigest()
    assert off.hexdigest() == Digest().hexdigest()


def test_pieces_appended_by_hand_are_hashed_like_those_added():
    added, appended = Digest(), Digest()
    for number in range(500):
        added.add_bytes(b"D", bytes([number % 251]))
        appended.waiting.extend((b"D", bytes([number % 251])))
        appended.settle()
    assert added.hexdigest() == appended.hexdigest()

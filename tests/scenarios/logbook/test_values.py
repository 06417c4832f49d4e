from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from types import UnionType
from typing import Union, get_args, get_origin, get_type_hints

import msgpack
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from scenarios.logbook.values import KNOWN, UnknownValue, packed, unpacked
from sim.digest import encode
from sim.recording import JobLedger
from sim.truth import BrakeOnset, Contact, ManoeuvreBegan
from stack import vocabulary
from stack.vocabulary import LaneView, LidarScan, Message, Mode, SimNs, StageStamp

NUMBERS = {
    int: st.integers(-(2**63), 2**63 - 1),
    float: st.floats(allow_nan=True, allow_infinity=True),
    bool: st.booleans(),
    str: st.text(max_size=12),
    bytes: st.binary(max_size=40),
}
# Values, not contracts, functions or tables of the stack: what can be in a message.
SPOKEN = [
    getattr(vocabulary, name)
    for name in vocabulary.__all__
    if is_dataclass(getattr(vocabulary, name))
    and name not in ("Briefing", "Message", "Output", "Pose", "Queue", "Stage", "StageInput", "StagePlan", "Finding")
]
PAYLOADS = sorted([*SPOKEN, Contact, BrakeOnset, ManoeuvreBegan], key=lambda kind: kind.__name__)


def values_of(hint):
    hint = getattr(hint, "__supertype__", hint)
    if hint in NUMBERS:
        return NUMBERS[hint]
    if isinstance(hint, type) and issubclass(hint, Enum):
        return st.sampled_from(hint)
    if is_dataclass(hint):
        return dataclass_values(hint)
    origin = get_origin(hint)
    if origin is tuple:
        item, *rest = get_args(hint)
        if rest == [Ellipsis]:
            return st.lists(values_of(item), max_size=3).map(tuple)
        return st.tuples(*[values_of(one) for one in (item, *rest)])
    if origin in (Union, UnionType):
        return st.one_of([values_of(one) for one in get_args(hint)])
    if origin is np.ndarray:
        kind = np.dtype(get_args(get_args(hint)[1])[0])
        return arrays.arrays(kind, arrays.array_shapes(min_dims=1, max_dims=2, min_side=0, max_side=5))
    if hint is type(None):
        return st.none()
    raise NotImplementedError(f"a strategy for {hint}")


def dataclass_values(kind):
    hints = get_type_hints(kind)
    return st.builds(kind, **{field.name: values_of(hints[field.name]) for field in fields(kind)})


@pytest.mark.parametrize("kind", PAYLOADS, ids=lambda kind: kind.__name__)
def test_every_payload_comes_back_with_every_bit(kind):
    @given(dataclass_values(kind))
    def check(value):
        back = unpacked(packed(value))
        assert type(back) is kind
        assert encode(back) == encode(value)

    check()


@given(st.lists(dataclass_values(StageStamp), max_size=4), NUMBERS[int], values_of(LaneView))
def test_messages_come_back_with_their_ledger(stamps, number, lane):
    message = Message(
        topic="camera", sequence=number, true_at=SimNs(3), published_at=SimNs(4), delivered_at=SimNs(5),
        payload=lane, ledger=tuple(stamps),
    )  # fmt: skip
    back = unpacked(packed(message))
    assert encode(back) == encode(message)
    assert isinstance(back.ledger, tuple)


def test_job_ledgers_come_back_as_what_they_were():
    job = JobLedger("risk", SimNs(1), SimNs(2), SimNs(3), SimNs(-1), -1)
    assert unpacked(packed(job)) == job
    assert type(unpacked(packed(job))) is JobLedger


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), -0.0, 5e-324, 0.1 + 0.2, np.float64(0.1), np.float32(0.1)]
)
def test_floats_keep_their_bits_and_their_kind(value):
    back = unpacked(packed(value))
    assert type(back) is type(value)
    assert np.asarray(back).tobytes() == np.asarray(value).tobytes()


def test_an_empty_scan_keeps_its_shape_and_arrays_are_read_only():
    scan = LidarScan(points=np.zeros((0, 4), np.float32), rings=np.zeros(0, np.uint8), offsets_ns=np.zeros(0, np.int32))
    back = unpacked(packed(scan))
    assert back.points.shape == (0, 4)
    assert back.points.dtype == np.float32
    assert not back.points.flags.writeable


def test_big_endian_and_strided_arrays_come_back_equal():
    array = np.arange(24, dtype=">i4").reshape(4, 6)[::2, ::-1]
    assert np.array_equal(unpacked(packed(array)), array)


@dataclass(frozen=True)
class Stranger:
    text: str


@pytest.mark.parametrize("value", [Stranger("x"), object(), {1, 2}, [1], 2**70, np.array([object()])])
def test_what_cannot_be_kept_exactly_is_refused(value):
    with pytest.raises(TypeError):
        packed(value)


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"": "Hoverboard"}, "a Hoverboard, which this version does not know"),
        ({"": "Mode", "=": "ASLEEP"}, "a Mode named ASLEEP"),
        ({"": "BrakeOnset", "at": 1}, "lacks request_sequence"),
        ({"": "BrakeOnset", "at": 1, "request_sequence": 2, "force_n": 3.0}, "has force_n"),
        ({"": "array", "dtype": "<f4", "shape": [3], "data": b"\0" * 4}, "holds no value"),
    ],
)
def test_values_of_other_versions_are_named(document, words):
    with pytest.raises(UnknownValue, match=words):
        unpacked(msgpack.packb(document))


def test_a_field_with_a_default_may_be_absent_in_an_older_file():
    document = {"": "Message", "topic": "radar", "sequence": 1, "true_at": 2, "published_at": 3, "delivered_at": 4,
                "payload": None}  # fmt: skip
    assert unpacked(msgpack.packb(document)).ledger == ()


@given(st.binary(max_size=60))
def test_any_bytes_give_a_value_or_the_one_error(raw):
    try:
        value = unpacked(raw)
    except UnknownValue as refused:
        assert str(refused).startswith("holds ")
    else:
        plain = msgpack.unpackb(raw, use_list=False, object_hook=lambda found: {k: found[k] for k in found if k != ""})
        assert repr(value) == repr(plain)  # too few bytes for the name of a class


def test_no_two_classes_share_a_name():
    assert KNOWN["Mode"] is Mode
    assert KNOWN["Contact"] is Contact

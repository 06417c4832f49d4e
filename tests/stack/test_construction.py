"""Quickly made values are the same values in every respect."""

import pickle
from dataclasses import FrozenInstanceError, dataclass, field

import pytest

from stack.vocabulary import Message, Output, StageStamp
from stack.vocabulary.construction import maker

STAMP = {"stage": "risk", "released_at": 1, "started_at": 2, "finished_at": 3}


def test_a_quickly_made_value_equals_one_made_by_the_constructor():
    quick, plain = maker(StageStamp)(**STAMP), StageStamp(**STAMP)
    assert quick == plain
    assert type(quick) is StageStamp
    assert (hash(quick), repr(quick)) == (hash(plain), repr(plain))
    assert pickle.loads(pickle.dumps(quick)) == plain


def test_a_quickly_made_value_is_as_frozen_as_any():
    made = maker(Output)(topic="tracks", payload=None)
    with pytest.raises(FrozenInstanceError):
        made.topic = "hazards"


def test_defaults_are_those_of_the_class():
    made = maker(Message)(topic="radar", sequence=0, true_at=1, published_at=2, delivered_at=3, payload=None)
    assert made.ledger == ()


def test_missing_and_unknown_fields_are_refused():
    make = maker(StageStamp)
    with pytest.raises(TypeError):
        make(stage="risk")
    with pytest.raises(TypeError):
        make(**STAMP, colour="red")


def test_classes_that_do_more_than_keep_their_fields_have_no_quick_constructor():
    @dataclass(frozen=True, slots=True, kw_only=True)
    class Checked:
        value: float

        def __post_init__(self):
            assert self.value > 0.0

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Growing:
        values: list = field(default_factory=list)

    for kind in (Checked, Growing):
        with pytest.raises(TypeError, match="no quick constructor"):
            maker(kind)

"""The stack sees sensors only: what is really there can be exchanged without changing a decision."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios import sensing
from scenarios.assembly import prepare
from scenarios.prepared import EndAt
from sim.layout import Behaviour
from stack.vocabulary import NS_PER_S, SimNs
from tests.closed_loop.runs import decisions, play, request

CAR = "truck_meets_stationary_car"


class Playback:
    """A sensor that gives what another run's sensor gave at the same slot."""

    def __init__(self, payloads):
        self._payloads = payloads

    def sense(self, frame, slot):
        return self._payloads[slot]


def sensed_in(record):
    found = {}
    for message in record.sensed:
        found.setdefault(message.topic, {})[message.true_at] = message.payload
    return found


@settings(max_examples=8, deadline=None)
@given(aside_m=st.floats(8.0, 60.0), ahead_m=st.floats(-40.0, 300.0), speed_mps=st.floats(0.0, 30.0))
def test_truth_replaced_after_sensing_changes_no_decision(aside_m, ahead_m, speed_mps):
    told = play(CAR)
    recorded = sensed_in(told)
    prepared = prepare(request(CAR))
    ego, target = prepared.placed.layout.actors
    moved = replace(
        target, s_m=target.s_m + ahead_m, offset_m=aside_m, speed_mps=speed_mps, behaviour=Behaviour.SCRIPTED
    )
    layout = replace(prepared.placed.layout, actors=(ego, moved))
    until = SimNs(min(told.ended_at, 7 * NS_PER_S))
    placed = replace(prepared.placed, layout=layout, end=EndAt(at=until))
    original = sensing.plans

    def replayed(*arguments):
        return tuple(replace(plan, sensor=Playback(recorded[plan.topic])) for plan in original(*arguments))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sensing, "plans", replayed)
        record = replace(prepared, placed=placed).play().record
    assert record.truth[500, 1].tobytes() != told.truth[500, 1].tobytes()
    assert decisions(record) == [one for one in decisions(told) if one[0] <= record.ended_at]
    assert [d.stage.value for _, d in decisions(record)][-1] == "full"


def test_permuting_actors_changes_no_decision():
    prepared = prepare(request("truck_passes_between_stationary_cars"))
    layout = prepared.placed.layout
    turned = replace(layout, actors=(layout.actors[0], *reversed(layout.actors[1:])))
    first = prepared.play().record
    second = replace(prepared, placed=replace(prepared.placed, layout=turned)).play().record
    assert decisions(first) == decisions(second)
    assert [m.payload for m in first.sensed] == [m.payload for m in second.sensed]

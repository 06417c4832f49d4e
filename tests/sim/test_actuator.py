"""The brake actuator: what it accepts, when it gives up waiting, and what the deadman holds."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.actuator import HOLD_MPS2, TIMEOUT_NS, BrakeActuator, DirectLine
from sim.clock import Clock
from stack.vocabulary import NS_PER_MS, BrakeRequest, Message, Protection, demand_steps, request_checksum, topics

MS = NS_PER_MS


class Bench:
    """An actuator with a clock, a speed and lists of what it did."""

    def __init__(self, protection=Protection.ON, speed_mps=20.0):
        self.clock = Clock()
        self.speed_mps = speed_mps
        self.demands, self.accepted, self.deadman, self.told = [], [], [], []
        self.actuator = BrakeActuator(
            clock=self.clock,
            line=DirectLine(),
            protection=protection,
            apply=lambda demand, at: self.demands.append((at // MS, round(demand.demand_mps2, 3))) or at,
            speed_mps=lambda: self.speed_mps,
            note_accepted=lambda message, at, changed: self.accepted.append(message.sequence),
            note_deadman=lambda at: self.deadman.append(at // MS),
            tell_driver=lambda at, reason: self.told.append(at // MS),
        )
        self.counter = 0

    def send(self, at_ms, demand_mps2, counter=None, checksum_flip=0):
        raw = demand_steps(demand_mps2)
        number = self.counter if counter is None else counter
        self.counter = (number + 1) % 15
        request = BrakeRequest(raw_demand=raw, counter=number, checksum=request_checksum(raw, number) ^ checksum_flip)
        at = at_ms * MS
        message = Message(
            topic=topics.BRAKE_REQUEST, sequence=at_ms, true_at=at, published_at=at, delivered_at=at, payload=request
        )
        self.clock.at(at, 3, 0, lambda: self.actuator.receive(message))

    def run(self, until_ms):
        self.clock.run_until(until_ms * MS)
        return self


def test_a_valid_request_acts_at_once_and_only_a_changed_demand_reaches_the_brakes():
    bench = Bench()
    for at_ms, demand in ((0, 0.0), (50, 5.0), (100, 5.0), (150, 0.0)):
        bench.send(at_ms, demand)
    bench.run(160)
    assert bench.demands == [(50, 5.0), (150, 0.0)]
    assert bench.accepted == [0, 50, 100, 150]


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 255))
def test_a_wrong_checksum_is_refused_whatever_bit_is_wrong(flip):
    bench = Bench()
    bench.send(0, 5.0, checksum_flip=flip)
    bench.run(10)
    assert bench.demands == []
    assert bench.actuator.status().refused_total == 1


@pytest.mark.parametrize(("jump", "accepted"), [(0, False), (1, True), (3, True), (4, False), (14, False)])
def test_the_counter_must_move_on_by_one_to_three(jump, accepted):
    bench = Bench()
    bench.send(0, 0.0, counter=5)
    bench.send(50, 5.0, counter=(5 + jump) % 15)
    bench.run(60)
    assert bool(bench.demands) is accepted


def test_silence_during_braking_makes_the_deadman_hold_to_standstill_and_then_release():
    bench = Bench()
    bench.send(0, 0.0)
    bench.send(50, 3.0)
    bench.clock.at(2000 * MS, 0, 0, lambda: setattr(bench, "speed_mps", 0.0))
    bench.run(3000)
    assert bench.deadman == [50 + TIMEOUT_NS // MS]
    assert bench.demands[1] == (250, HOLD_MPS2)
    assert bench.demands[-1][1] == 0.0
    assert 2000 <= bench.demands[-1][0] <= 2050


def test_a_stronger_demand_than_the_hold_is_kept():
    bench = Bench()
    bench.send(0, 0.0)
    bench.send(50, 6.5)
    bench.run(1000)
    assert bench.demands == [(50, 6.5)]
    assert bench.deadman == [250]


def test_the_hold_is_not_left_because_weaker_requests_come_back():
    bench = Bench()
    bench.send(0, 0.0)
    bench.send(50, 3.0)
    for at_ms in range(500, 900, 50):
        bench.send(at_ms, 0.0)
    bench.run(900)
    assert bench.demands == [(50, 3.0), (250, HOLD_MPS2)]


def test_silence_outside_braking_demands_nothing_and_tells_the_driver_once():
    bench = Bench()
    bench.send(0, 0.0)
    bench.run(2000)
    assert bench.demands == []
    assert bench.told == [TIMEOUT_NS // MS]
    assert bench.deadman == []


def test_without_protection_silence_lets_the_demand_fall():
    bench = Bench(protection=Protection.UNPROTECTED)
    bench.send(0, 0.0)
    bench.send(50, 5.0)
    bench.run(1000)
    assert bench.demands == [(50, 5.0), (250, 0.0)]
    assert bench.deadman == []


def test_after_silence_any_counter_synchronises():
    bench = Bench()
    bench.send(0, 0.0, counter=3)
    bench.send(1000, 5.0, counter=12)
    bench.run(1010)
    assert (1000, 5.0) in bench.demands

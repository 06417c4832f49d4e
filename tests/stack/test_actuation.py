"""Actuation's limits, densest where they bind; counter, checksum, and which manoeuvre wins."""

from math import inf, nan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stack.actuation.stage import INITIAL, State, limited_mps2, row
from stack.actuation.thresholds import WIRE_MAX_MPS2, Thresholds, thresholds_for
from stack.vocabulary import (
    COUNTER_STATES,
    DEMAND_STEP_MPS2,
    NS_PER_MS,
    NS_PER_S,
    BrakeRequest,
    DriverWarning,
    InputError,
    Manoeuvre,
    SimNs,
    StageInput,
    WarningKind,
    demand_steps,
    request_checksum,
    topics,
)
from tests.stack.decision_stand_ins import BRAKE_MAX_MPS2, PLAN, briefing, message

STAGE = row(briefing(), PLAN)
LIMITS = thresholds_for(briefing())
CYCLE_NS = 25 * NS_PER_MS
EPSILON = 1e-9


def manoeuvre(demand: float, at: int, warning: WarningKind = WarningKind.NONE) -> Manoeuvre:
    return Manoeuvre(as_of=SimNs(at), demand_mps2=demand, warning=warning, warning_reason=f"because of {warning.value}")


def act(state: State, *manoeuvres: Manoeuvre, now: int = 0) -> tuple[State, tuple[object, ...]]:
    messages = tuple(message(topics.MANOEUVRE, n, m.as_of, m) for n, m in enumerate(manoeuvres))
    state, outputs = STAGE.step(state, StageInput(now=SimNs(now), messages=messages, latest={}))
    return state, tuple(output.payload for output in outputs)


def requests(demands: list[float], cycle_ns: int = CYCLE_NS) -> list[BrakeRequest]:
    state, sent = INITIAL, []
    for n, demand in enumerate(demands):
        state, payloads = act(state, manoeuvre(demand, n * cycle_ns))
        sent += [payload for payload in payloads if isinstance(payload, BrakeRequest)]
    return sent


# -- limits ---------------------------------------------------------------------------------------


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), min_size=1, max_size=30), st.integers(0, 100))
def test_whatever_is_wanted_the_request_stays_within_its_limits(wanted, cycle_ms):
    for request in requests(wanted, cycle_ms * NS_PER_MS):
        assert 0.0 <= request.demand_mps2 <= BRAKE_MAX_MPS2 + DEMAND_STEP_MPS2 / 2.0


BOUNDARY = [BRAKE_MAX_MPS2 + n * DEMAND_STEP_MPS2 / 4.0 for n in range(-20, 21)]


@pytest.mark.parametrize("wanted", BOUNDARY)
def test_the_upper_limit_binds_exactly_at_the_design_maximum(wanted):
    assert limited_mps2(wanted, BRAKE_MAX_MPS2, 1.0, LIMITS) == min(wanted, BRAKE_MAX_MPS2)


@pytest.mark.parametrize("wanted", [n * DEMAND_STEP_MPS2 / 4.0 for n in range(-20, 21)])
def test_the_lower_limit_binds_exactly_at_nothing(wanted):
    assert limited_mps2(wanted, 3.0, 1.0, LIMITS) == max(wanted, 0.0)


@pytest.mark.parametrize("wanted", [nan, -inf, -1.0, -0.0, 0.0])
def test_what_is_no_demand_asks_for_nothing(wanted):
    assert limited_mps2(wanted, 5.0, 1.0, LIMITS) == 0.0


def test_an_infinite_demand_is_the_design_maximum():
    assert limited_mps2(inf, 5.0, 1.0, LIMITS) == BRAKE_MAX_MPS2


STEP_MPS2 = LIMITS.rise_mps3 * LIMITS.cycle_longest_s


@pytest.mark.parametrize("offset", [n * EPSILON for n in range(-5, 6)])
def test_the_rise_binds_exactly_at_one_cycles_step(offset):
    wanted = 1.0 + STEP_MPS2 + offset
    assert limited_mps2(wanted, 1.0, LIMITS.cycle_longest_s, LIMITS) == min(wanted, 1.0 + STEP_MPS2)


@pytest.mark.parametrize("elapsed_ms", [0, 1, 5, 10, 24, 25, 26, 100, 10_000])
def test_a_pause_earns_no_larger_step(elapsed_ms):
    allowed = LIMITS.rise_mps3 * min(elapsed_ms / 1000.0, LIMITS.cycle_longest_s)
    assert limited_mps2(100.0, 0.0, elapsed_ms / 1000.0, LIMITS) == pytest.approx(min(allowed, BRAKE_MAX_MPS2))


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0.0, 8.0), min_size=2, max_size=40))
def test_no_request_rises_faster_than_allowed_and_any_may_fall(wanted):
    sent = [request.demand_mps2 for request in requests(wanted)]
    for before, after, want in zip(sent, sent[1:], wanted[1:], strict=False):
        assert after - before <= STEP_MPS2 + DEMAND_STEP_MPS2
        if want <= before:
            assert after == pytest.approx(min(want, BRAKE_MAX_MPS2), abs=DEMAND_STEP_MPS2)


@settings(max_examples=50, deadline=None)
@given(st.floats(-10.0, 20.0), st.floats(0.0, BRAKE_MAX_MPS2), st.floats(0.0, 1.0))
def test_actuation_never_asks_for_more_than_was_wanted(wanted, last, elapsed_s):
    assert limited_mps2(wanted, last, elapsed_s, LIMITS) <= max(wanted, 0.0)


def test_emergency_braking_is_reached_in_the_first_cycle_and_all_of_it_in_the_second():
    sent = [request.demand_mps2 for request in requests([0.0, BRAKE_MAX_MPS2, BRAKE_MAX_MPS2])]
    assert sent[1] >= 4.0
    assert sent[2] == pytest.approx(BRAKE_MAX_MPS2, abs=DEMAND_STEP_MPS2)


def test_one_mad_manoeuvre_among_good_ones_never_asks_for_more_than_a_step():
    sent = [request.demand_mps2 for request in requests([0.0, 0.0, 1e9, 0.0])]
    assert sent == [0.0, 0.0, pytest.approx(STEP_MPS2, abs=DEMAND_STEP_MPS2), 0.0]


def test_the_first_manoeuvre_after_boot_takes_a_braking_over_at_once():
    assert requests([4.0])[0].demand_mps2 == pytest.approx(4.0, abs=DEMAND_STEP_MPS2)


@pytest.mark.parametrize(("brake_max", "expected"), [(3.0, 4.0), (6.3, 6.3), (9.0, 9.0), (12.0, WIRE_MAX_MPS2)])
def test_the_limit_follows_the_vehicle_and_never_leaves_the_wire(brake_max, expected):
    from dataclasses import replace

    assert thresholds_for(replace(briefing(), brake_max_mps2=brake_max)).demand_max_mps2 == expected


def test_an_unknown_limit_is_refused():
    from dataclasses import replace

    with pytest.raises(InputError, match="rise_mps3"):
        thresholds_for(replace(briefing(), settings={"actuation.rise_mps2": 1.0}))


# -- counter and checksum -------------------------------------------------------------------------


def test_the_counter_runs_from_0_to_14_and_never_sends_15():
    counters = [request.counter for request in requests([0.0] * 45)]
    assert counters == [n % 15 for n in range(45)]
    assert COUNTER_STATES == 15


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0.0, 8.0), min_size=1, max_size=20))
def test_every_request_carries_the_checksum_of_what_it_says(wanted):
    for request in requests(wanted):
        assert request.checksum == request_checksum(request.raw_demand, request.counter)
        assert request.raw_demand == demand_steps(request.demand_mps2)


def _crc8(data: bytes) -> int:
    """CRC-8 with polynomial 0x1D, bit by bit: an independent statement of AUTOSAR E2E profile 1's."""
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = ((crc << 1) ^ 0x1D) & 0xFF if crc & 0x80 else (crc << 1) & 0xFF
    return crc


@pytest.mark.parametrize("raw", [0, 1, 255, 256, 8192, 12902, 65535])
@pytest.mark.parametrize("counter", [0, 1, 7, 14])
def test_the_checksum_is_that_of_the_profile(raw, counter):
    expected = _crc8(bytes([0x23, 0x01, raw & 0xFF, raw >> 8, counter]))
    assert request_checksum(raw, counter) == expected


def test_the_bitwise_checksum_agrees_with_the_published_vectors():
    # AUTOSAR E2E profile 1 variant 1A, identifier 0x0123, eight zero bytes: counter 0 gives CC, 1 gives 91
    assert _crc8(bytes([0x23, 0x01]) + bytes([0x00] * 7)) == 0xCC
    assert _crc8(bytes([0x23, 0x01, 0x01]) + bytes([0x00] * 6)) == 0x91


@pytest.mark.parametrize("bit", range(16))
def test_any_flipped_bit_of_the_demand_is_found(bit):
    raw = demand_steps(4.41)
    assert request_checksum(raw ^ (1 << bit), 3) != request_checksum(raw, 3)


# -- which manoeuvre wins -------------------------------------------------------------------------


def test_the_newest_of_several_manoeuvres_wins_whatever_their_order():
    old, new = manoeuvre(0.0, 0), manoeuvre(3.0, CYCLE_NS)
    for order in ((old, new), (new, old)):
        _, payloads = act(INITIAL, *order)
        assert [payload.demand_mps2 for payload in payloads] == [pytest.approx(3.0, abs=DEMAND_STEP_MPS2)]


def test_a_manoeuvre_older_than_the_last_changes_nothing():
    state, _ = act(INITIAL, manoeuvre(3.0, NS_PER_S))
    after, payloads = act(state, manoeuvre(0.0, NS_PER_S - 1))
    assert after is state
    assert payloads == ()


def test_a_job_without_a_manoeuvre_sends_nothing():
    assert act(INITIAL) == (INITIAL, ())


# -- warnings -------------------------------------------------------------------------------------


def test_a_warning_is_sent_when_it_changes_and_only_then():
    kinds = [WarningKind.NONE, WarningKind.FORWARD_COLLISION, WarningKind.FORWARD_COLLISION, WarningKind.NONE]
    state, told = INITIAL, []
    for n, kind in enumerate(kinds):
        state, payloads = act(state, manoeuvre(0.0, n * CYCLE_NS, kind))
        told.append([payload.kind for payload in payloads if isinstance(payload, DriverWarning)])
    assert told == [[], [WarningKind.FORWARD_COLLISION], [], [WarningKind.NONE]]


def test_a_warning_leaves_before_the_request_of_the_same_job_and_gives_its_reason():
    _, payloads = act(INITIAL, manoeuvre(6.0, 0, WarningKind.FORWARD_COLLISION))
    assert isinstance(payloads[0], DriverWarning)
    assert payloads[0].reason == "because of forward_collision"
    assert isinstance(payloads[1], BrakeRequest)


def test_every_manoeuvre_gives_one_request():
    assert len(requests([0.0, 1.0, 2.0, 0.0] * 10)) == 40


def test_the_step_is_a_function_of_state_and_input():
    state, _ = act(INITIAL, manoeuvre(2.0, 0))
    assert act(state, manoeuvre(5.0, CYCLE_NS)) == act(state, manoeuvre(5.0, CYCLE_NS))
    assert state == act(INITIAL, manoeuvre(2.0, 0))[0]


def test_limits_are_a_frozen_value():
    with pytest.raises(AttributeError):
        Thresholds().demand_max_mps2 = 99.0  # type: ignore[misc]

"""Traffic lights: who has green when, what clients may change, and what time does then."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.maps import FOLDER
from sim.episode.light_cycles import LightCycle
from sim.episode.signals import GREEN, OFF, RED, YELLOW
from sim.episode.town_shelf import Shelf


@pytest.fixture(scope="module")
def lamps():
    return Shelf((FOLDER,)).town("urban").lamps


@pytest.fixture
def cycle(lamps):
    return LightCycle(lamps)


def _greens(cycle, lamps):
    rows = np.flatnonzero(cycle.states == GREEN)
    return sorted((lamps[row].group, lamps[row].turn) for row in rows)


def test_each_junction_begins_with_its_first_turn(cycle, lamps):
    assert _greens(cycle, lamps) == [(f"junction {number}", 0) for number in (100, 200, 300, 400)]
    assert (cycle.states == RED).sum() == 12


def test_green_lasts_ten_seconds_yellow_three_red_two_and_then_the_next_is_green(cycle, lamps):
    first = int(np.flatnonzero(cycle.states == GREEN)[0])
    second = next(row for row in cycle.group(first) if lamps[row].turn == 1)
    seen = []
    for _ in range(160):
        cycle.step(0.1)
        seen.append((int(cycle.states[first]), int(cycle.states[second])))
    at = {round((tick + 1) * 0.1, 1): states for tick, states in enumerate(seen)}
    assert at[9.9] == (GREEN, RED)
    assert at[10.0] == (YELLOW, RED)
    assert at[12.9] == (YELLOW, RED)
    assert at[13.0] == (RED, RED)
    assert at[14.9] == (RED, RED)
    assert at[15.0] == (RED, GREEN)


def test_after_all_turns_the_first_comes_again(cycle):
    before = cycle.states.copy()
    for _ in range(600):
        cycle.step(0.1)
    assert np.array_equal(cycle.states, before)
    assert cycle.elapsed_s == pytest.approx(np.zeros(16), abs=1e-6)


@given(steps=st.lists(st.floats(0.001, 7.0), max_size=60))
@settings(max_examples=40, deadline=None)
def test_never_are_two_turns_of_a_junction_open_at_once(lamps, steps):
    cycle = LightCycle(lamps)
    for step in steps:
        cycle.step(step)
        for row in range(len(lamps)):
            open_now = [other for other in cycle.group(row) if cycle.states[other] != RED]
            assert len({lamps[other].turn for other in open_now}) <= 1


def test_coarse_steps_come_to_the_same_place_as_fine_ones(lamps):
    coarse, fine = LightCycle(lamps), LightCycle(lamps)
    for _ in range(10):
        coarse.step(3.3)
    for _ in range(330):
        fine.step(0.1)
    assert np.array_equal(coarse.states, fine.states)
    assert coarse.elapsed_s == pytest.approx(fine.elapsed_s, abs=1e-6)


def test_a_frozen_cycle_stands_still_until_it_is_let_go(cycle):
    cycle.step(9.5)
    before = cycle.states.copy()
    cycle.freeze(True)
    cycle.step(100.0)
    assert np.array_equal(cycle.states, before)
    cycle.freeze(False)
    cycle.step(0.6)
    assert not np.array_equal(cycle.states, before)


def test_a_state_set_by_hand_holds_until_the_cycle_changes_that_light(cycle, lamps):
    first = int(np.flatnonzero(cycle.states == GREEN)[0])
    last = next(row for row in cycle.group(first) if lamps[row].turn == 3)
    cycle.set_state(first, OFF)
    cycle.set_state(last, GREEN)
    cycle.step(9.0)
    assert (cycle.states[first], cycle.states[last]) == (OFF, GREEN)
    cycle.step(1.5)
    assert (cycle.states[first], cycle.states[last]) == (YELLOW, GREEN)
    cycle.step(34.0)  # 44.5 s: the third turn's red; the last one's own begins at 45 s
    assert cycle.states[last] == GREEN
    cycle.step(11.0)
    assert cycle.states[last] == YELLOW


def test_a_state_set_while_frozen_holds(cycle):
    cycle.freeze(True)
    cycle.set_state(3, YELLOW)
    cycle.step(60.0)
    assert cycle.states[3] == YELLOW


def test_times_can_be_changed_and_hold_for_all_that_change_together(cycle):
    first = int(np.flatnonzero(cycle.states == GREEN)[0])
    cycle.set_time(first, 0, 4.0)
    cycle.set_time(first, 1, 1.0)
    cycle.set_time(first, 2, 0.5)
    assert cycle.times_s[first].tolist() == [4.0, 1.0, 0.5]
    states = []
    for _ in range(6):
        cycle.step(1.0)
        states.append(int(cycle.states[first]))
    assert states == [GREEN, GREEN, GREEN, YELLOW, RED, RED]


def test_times_of_nothing_neither_hang_nor_fail(cycle, lamps):
    for row in range(len(lamps)):
        for stage in range(3):
            cycle.set_time(row, stage, 0.0)
    cycle.step(10.0)
    assert set(cycle.states.tolist()) <= {RED, YELLOW, GREEN}


def test_a_reset_begins_again_for_one_junction_or_all(cycle):
    begin = cycle.states.copy()
    cycle.step(20.0)
    group = list(cycle.group(0))
    cycle.reset_group(0)
    assert np.array_equal(cycle.states[group], begin[group])
    assert not np.array_equal(cycle.states, begin)
    assert cycle.elapsed_s[group].tolist() == [0.0] * 4
    cycle.reset()
    assert np.array_equal(cycle.states, begin)


def test_a_town_without_lights_has_a_cycle_of_nothing():
    cycle = LightCycle(())
    cycle.step(1.0)
    assert cycle.states.shape == cycle.elapsed_s.shape == (0,)
    assert cycle.governing(np.zeros((2, 3)), np.zeros(2), np.ones((2, 2))).tolist() == [-1, -1]

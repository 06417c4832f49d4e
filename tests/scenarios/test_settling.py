"""When a run has settled: at rest, or nothing ahead that could still be run into."""

from functools import lru_cache

import numpy as np
import pytest

from scenarios.prepared import prepare_scenario
from scenarios.settling import Settling, not_before
from sim.truth import COLUMNS, SPEED, ActorKind, Roster, TruthFrame
from stack.vocabulary import NS_PER_MS, NS_PER_S, SimNs

FOR_NS = 500 * NS_PER_MS
TRUCK_M, CAR_M = 10.0, 4.0


@lru_cache(maxsize=1)
def conditions():
    return prepare_scenario("truck_meets_stationary_car").layout.conditions


def frame(at_ms, ego_mps, *others):
    """The ego at the origin heading along x, its front edge at 5 m; others as (kind, x, y, speed)."""
    count = 1 + len(others)
    state = np.zeros((count, COLUMNS))
    state[0, SPEED] = ego_mps
    for row, (_, x_m, y_m, speed_mps) in enumerate(others, start=1):
        state[row, :2] = x_m, y_m
        state[row, SPEED] = speed_mps
    size_m = np.array([[TRUCK_M, 2.5, 3.5]] + [[CAR_M, 1.8, 1.5]] * len(others))
    roster = Roster(
        names=("ego", *(f"other{row}" for row in range(1, count))),
        kinds=(ActorKind.TRUCK, *(kind for kind, *_ in others)),
        entities=np.arange(count, dtype=np.uint32),
        size_m=size_m,
        clearance_m=np.zeros(count),
        mass_kg=np.ones(count),
    )
    return TruthFrame(at=SimNs(at_ms * NS_PER_MS), roster=roster, conditions=conditions(), state=state)


def settles_at_ms(make, until_ms=3000, not_before_ms=0):
    """The first instant at which the run counts as settled; None if it never does."""
    settling = Settling(FOR_NS, SimNs(not_before_ms * NS_PER_MS))
    return next((at for at in range(0, until_ms, 10) if settling(make(at))), None)


def test_an_ego_at_rest_settles_after_the_time_asked_for():
    assert settles_at_ms(lambda at: frame(at, 0.0, (ActorKind.CAR, 20.0, 0.0, 0.0))) == 500


def test_a_stationary_car_ahead_keeps_the_run_going():
    assert settles_at_ms(lambda at: frame(at, 20.0, (ActorKind.CAR, 80.0, 0.0, 0.0))) is None


def test_a_car_that_runs_ahead_faster_does_not():
    assert settles_at_ms(lambda at: frame(at, 20.0, (ActorKind.CAR, 80.0, 0.0, 21.0))) == 500


@pytest.mark.parametrize(("x_m", "settled"), [(2.9, True), (3.1, False)])
def test_a_car_counts_as_passed_once_its_rear_is_behind_the_front_of_the_ego(x_m, settled):
    found = settles_at_ms(lambda at: frame(at, 20.0, (ActorKind.CAR, x_m, 0.0, 0.0)))
    assert (found is not None) is settled


@pytest.mark.parametrize(("y_m", "settled"), [(7.9, False), (8.1, True), (-7.9, False), (-8.1, True)])
def test_what_stands_far_to_the_side_does_not_keep_the_run_going(y_m, settled):
    found = settles_at_ms(lambda at: frame(at, 20.0, (ActorKind.CAR, 80.0, y_m, 0.0)))
    assert (found is not None) is settled


def test_things_that_line_the_road_do_not_keep_the_run_going():
    assert settles_at_ms(lambda at: frame(at, 20.0, (ActorKind.GUARD_RAIL, 80.0, 3.0, 0.0))) == 500


def test_a_run_does_not_settle_before_its_time_however_quiet():
    assert settles_at_ms(lambda at: frame(at, 0.0), not_before_ms=1000) == 1500


def test_quiet_must_last_without_a_break():
    def breathing(at):
        return frame(at, 20.0, *([(ActorKind.CAR, 80.0, 0.0, 0.0)] if at % 400 == 300 else []))

    assert settles_at_ms(breathing) is None


def test_a_timed_manoeuvre_is_waited_for():
    placed = prepare_scenario("lead_brakes_hard")
    timed = not_before(placed.layout, placed.functional_part_at)
    starts = [m.trigger.at for a in placed.layout.actors for m in a.manoeuvres if hasattr(m.trigger, "at")]
    assert timed == max([placed.functional_part_at, *(at + 2 * NS_PER_S for at in starts)])
    assert starts
    still = prepare_scenario("truck_meets_stationary_car")
    assert not_before(still.layout, still.functional_part_at) == still.functional_part_at

"""A ghost twin: fed with the twin's truth it is the twin; with another's it keeps script, brakes and contact."""

import numpy as np
import pytest

from scenarios.prepared import prepare_scenario
from sim.layout import BrakeDemand
from sim.truth import (
    ACCELERATION,
    BRAKE,
    EGO,
    LATERAL_SPEED,
    PATH_S,
    SPEED,
    YAW,
    YAW_RATE,
    BrakeOnset,
    Contact,
    ManoeuvreBegan,
    X,
    Y,
)
from sim.twin.ghost import GhostTwin
from sim.twin.world import TwinWorld
from stack.vocabulary import NS_PER_MS, MachineryError

MS = NS_PER_MS
SEEN = [X, Y, YAW, SPEED, LATERAL_SPEED, YAW_RATE]


def layout_of(scenario, **overrides):
    return prepare_scenario(scenario, overrides).layout


def seen_by(world, at):
    """The ego as a foreign world sees it."""
    return world.observe(at).state[EGO, SEEN][None, :]


def along(ghost, sights, until_ms):
    """Take a ghost through ticks; `sights(at)` is what is seen at a tick's end."""
    for step in range(until_ms // 10):
        ghost.foresee()
        ghost.settle(sights((step + 1) * 10 * MS))


@pytest.mark.parametrize(
    "scenario", ["lead_brakes_hard", "reactive_traffic_on_motorway", "child_crosses_ahead_of_truck"]
)
def test_a_ghost_that_sees_the_twins_ego_is_the_twin(scenario):
    layout = layout_of(scenario)
    twin, ghost = TwinWorld(layout), GhostTwin(layout)

    def sights(at):
        twin.advance_to(at)
        return seen_by(twin, at)

    along(ghost, sights, 3000)
    found, wanted = ghost.observe(3000 * MS).state, twin.observe(3000 * MS).state
    columns = [column for column in range(found.shape[1]) if column not in (ACCELERATION, BRAKE)]
    assert found[1:] == pytest.approx(wanted[1:], abs=1e-9)
    assert found[EGO, columns] == pytest.approx(wanted[EGO, columns], abs=1e-6)
    assert ghost.take_events() == twin.take_events()


def test_brakes_come_on_at_the_nanosecond_whatever_the_ego_does():
    ghost = GhostTwin(layout_of("truck_meets_stationary_car"))
    still = seen_by(ghost, 0)
    along(ghost, lambda at: still, 100)
    ghost.apply(BrakeDemand(demand_mps2=5.0, request_sequence=4), 100 * MS)
    along(ghost, lambda at: still, 400)
    assert ghost.take_events() == (BrakeOnset(at=300 * MS, request_sequence=4),)


def test_foresight_shows_the_brakes_behind_their_lag_and_the_demand_in_front_of_it():
    ghost = GhostTwin(layout_of("truck_meets_stationary_car"))
    rolling = TwinWorld(layout_of("truck_meets_stationary_car"))
    ghost.apply(BrakeDemand(demand_mps2=5.0, request_sequence=4), 0)
    for step in range(30):
        ahead = ghost.foresee()
        rolling.advance_to((step + 1) * 10 * MS)
        ghost.settle(seen_by(rolling, (step + 1) * 10 * MS))
    lag_s = 0.285
    assert ahead.brake_target_mps2 == 5.0
    assert ahead.brake_mps2 == pytest.approx(5.0 * (1.0 - np.exp(-0.1 / lag_s)), rel=1e-6)
    assert ahead.acceleration_mps2 == pytest.approx(-ahead.brake_mps2, abs=0.2)


def test_the_script_waits_for_the_ego_that_is_seen():
    layout = layout_of("child_crosses_ahead_of_truck")
    ghost = GhostTwin(layout)
    still = seen_by(ghost, 0)
    along(ghost, lambda at: still, 6000)
    began = [event for event in ghost.take_events() if isinstance(event, ManoeuvreBegan)]
    assert began, "a timed walk begins by the clock"
    assert ghost.observe(6000 * MS).state[EGO, X] == pytest.approx(still[0, 0])


def bouncing(ghost, step_m, hit_at_x, bounce):
    """An ego that drives on by `step_m` a tick until its centre reaches `hit_at_x`, then is wherever `bounce` says."""
    seen = seen_by(ghost, 0)

    def sights(at):
        seen[0, 0] += step_m
        return bounce(seen.copy()) if seen[0, 0] >= hit_at_x else seen

    return sights


def test_a_bounce_neither_hides_a_contact_nor_takes_its_speed_away():
    layout = layout_of("truck_meets_stationary_car")
    ghost, start = GhostTwin(layout), GhostTwin(layout).observe(0).state
    speed, step_m = start[EGO, SPEED], start[EGO, SPEED] * 0.01
    touch_x = start[1, X] - 0.5 * (layout.actors[0].size_m[0] + layout.actors[1].size_m[0])

    def back(seen):
        seen[0, 0] = touch_x - 0.3  # thrown back within the tick, clear of the target
        seen[0, 3] = -2.0
        return seen

    sights = bouncing(ghost, step_m, touch_x, back)
    while not (events := [one for one in ghost.take_events() if isinstance(one, Contact)]):
        ghost.foresee()
        ghost.settle(sights(0))
    [contact] = events
    assert contact.second == layout.actors[1].name
    assert contact.relative_speed_mps == pytest.approx(speed, abs=0.05)


def test_who_has_left_is_touched_no_more():
    layout = layout_of("truck_meets_stationary_car")
    ghost = GhostTwin(layout)
    ghost.retire(1)
    inside = seen_by(ghost, 0)
    inside[0, 0] = ghost.observe(0).state[1, X]
    along(ghost, lambda at: inside, 50)
    assert not [event for event in ghost.take_events() if isinstance(event, Contact)]


def test_others_move_as_they_are_seen():
    layout = layout_of("truck_passes_parked_rows")
    ghost = GhostTwin(layout, others=(1,))
    state = ghost.observe(0).state
    seen = state[[EGO, 1]][:, SEEN]
    seen[1, 0] += 0.05
    seen[1, 3] = 5.0
    ghost.foresee()
    ghost.settle(seen)
    moved = ghost.observe(10 * MS).state[1]
    assert moved[X] == pytest.approx(state[1, X] + 0.05)
    assert moved[SPEED] == 5.0
    assert moved[ACCELERATION] == pytest.approx(500.0)
    assert moved[PATH_S] == pytest.approx(state[1, PATH_S] + 0.05, abs=0.06)


def test_a_ghost_takes_its_steps_in_order():
    ghost = GhostTwin(layout_of("truck_meets_stationary_car"))
    with pytest.raises(MachineryError, match="foreseen"):
        ghost.settle(seen_by(ghost, 0))
    ghost.foresee()
    with pytest.raises(MachineryError, match="two steps"):
        ghost.foresee()
    with pytest.raises(MachineryError, match="finite"):
        ghost.settle(np.full((1, 6), np.nan))

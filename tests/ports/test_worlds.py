"""Every World keeps the port's promises. A new adapter adds one line to ADAPTERS."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.assembly import RunRequest, prepare
from sim.carla_client.opening import open_carla_world
from sim.layout import BrakeDemand, DriverControl
from sim.truth import EGO, SPEED, BrakeOnset
from sim.twin.world import TwinWorld
from stack.vocabulary import NS_PER_MS, FaultlineError
from tests.sim.carla_client.fake_wire import FakeWire

MS = NS_PER_MS
ADAPTERS = {"twin": TwinWorld, "carla": lambda layout: open_carla_world(layout, FakeWire(), "")}


@pytest.fixture(scope="module", params=sorted(ADAPTERS))
def make_world(request):
    layout = prepare(RunRequest(scenario="reactive_traffic_on_motorway", seed=1)).placed.layout
    return lambda: ADAPTERS[request.param](layout)


def test_advance_ends_at_or_before_the_asked_instant_and_never_goes_back(make_world):
    world = make_world()
    reached = [world.advance_to(at * MS) for at in (0, 3, 10, 17, 250, 250, 1003)]
    assert all(instant <= at * MS for instant, at in zip(reached, (0, 3, 10, 17, 250, 250, 1003), strict=True))
    assert reached == sorted(reached)


def test_observing_the_past_is_refused(make_world):
    world = make_world()
    world.advance_to(500 * MS)
    with pytest.raises(FaultlineError):
        world.observe(400 * MS)


def test_two_worlds_of_one_layout_give_the_same_bytes(make_world):
    first, second = make_world(), make_world()
    for world in (first, second):
        world.advance_to(1000 * MS)
        world.apply(BrakeDemand(demand_mps2=4.0, request_sequence=1), 1003 * MS)
        world.advance_to(3000 * MS)
    assert first.observe(3000 * MS).state.tobytes() == second.observe(3000 * MS).state.tobytes()
    assert first.take_events() == second.take_events()


@settings(max_examples=20, deadline=None)
@given(looks=st.lists(st.integers(0, 20), max_size=30))
def test_observing_changes_nothing(make_world, looks):
    watched, alone = make_world(), make_world()
    for step in range(1, 21):
        for ahead in looks:
            watched.observe(max(0, (step - 1) * 50 + ahead) * MS)
        watched.advance_to(step * 50 * MS)
        alone.advance_to(step * 50 * MS)
    assert watched.observe(1000 * MS).state.tobytes() == alone.observe(1000 * MS).state.tobytes()


def test_what_is_observed_cannot_be_written_to(make_world):
    frame = make_world().observe(0)
    with pytest.raises(ValueError, match="read-only"):
        frame.state[EGO, SPEED] = 0.0


@pytest.mark.parametrize("at_ns", [1_000_000_000, 1_000_000_001, 1_003_700_000])
def test_a_control_acts_exactly_from_the_instant_apply_returns(make_world, at_ns):
    world = make_world()
    world.advance_to(900 * MS)
    acts_at = world.apply(BrakeDemand(demand_mps2=5.0, request_sequence=7), at_ns)
    assert acts_at >= at_ns
    assert world.grain_ns or acts_at == at_ns
    world.advance_to(2000 * MS)
    [onset] = [event for event in world.take_events() if isinstance(event, BrakeOnset)]
    assert onset.request_sequence == 7
    assert onset.at - acts_at == 200 * MS  # the truck's dead time


def test_events_are_told_once_and_in_order_of_time(make_world):
    world = make_world()
    for at, demand in ((500, 3.0), (1500, 0.0), (6000, 4.0)):
        world.apply(BrakeDemand(demand_mps2=demand, request_sequence=at), at * MS)
    world.advance_to(8000 * MS)
    events = world.take_events()
    assert [event.at for event in events] == sorted(event.at for event in events)
    assert len(events) >= 2
    assert world.take_events() == ()


def test_a_released_accelerator_slows_and_a_held_speed_is_kept(make_world):
    rolling, held = make_world(), make_world()
    start_mps = float(held.observe(0).state[EGO, SPEED])
    rolling.apply(DriverControl(hold_speed_mps=-1.0, pedal_mps2=0.0), 0)
    for world in (rolling, held):
        world.advance_to(3000 * MS)
    assert rolling.observe(3000 * MS).state[EGO, SPEED] < start_mps - 0.05
    assert np.isclose(held.observe(3000 * MS).state[EGO, SPEED], start_mps, atol=0.05)


def test_closing_twice_is_allowed_and_a_closed_world_refuses(make_world):
    world = make_world()
    world.close()
    world.close()
    with pytest.raises(FaultlineError):
        world.advance_to(10 * MS)

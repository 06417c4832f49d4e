"""A run on a CARLA server that is known by heart: same brakes as the twin, exact script, honest books, clean end."""

import numpy as np
import pytest

from scenarios.prepared import prepare_scenario
from sim.carla_client import opening
from sim.carla_client.background import Background
from sim.carla_client.opening import Extras, forget_brake_maps, open_carla_world
from sim.carla_client.roles import Role, load_of
from sim.carla_client.wire import StreamOrder, Touch
from sim.layout import BrakeDemand, DriverControl
from sim.truth import ACCELERATION, BRAKE, EGO, PATH_OFFSET, SPEED, BrakeOnset, Contact, X, Y
from sim.twin.world import TwinWorld
from stack.vocabulary import NS_PER_MS, MachineryError, MissingPart
from tests.sim.carla_client.fake_wire import LIBRARY, OURS, FakeWire

MS = NS_PER_MS
CAR = "truck_meets_stationary_car"


@pytest.fixture(autouse=True)
def fresh_brake_maps():
    forget_brake_maps()


def layout_of(scenario, **overrides):
    return prepare_scenario(scenario, overrides).layout


def opened(scenario=CAR, wire=None, **extras):
    wire = wire or FakeWire()
    return open_carla_world(layout_of(scenario), wire, "", Extras(**extras)), wire


def play(world, until_ms, controls=()):
    """Go on to an instant with controls of (ms, control); the truth at every tick."""
    truth, waiting = [], list(controls)
    for at in range(0, until_ms + 10, 10):
        while waiting and waiting[0][0] <= at:
            world.apply(waiting[0][1], int(waiting.pop(0)[0] * MS))
        world.advance_to(at * MS)
        truth.append(world.observe(at * MS).state)
    return np.array(truth)


def test_instant_zero_is_the_scenarios_start():
    layout = layout_of(CAR)
    world = open_carla_world(layout, FakeWire(), "")
    found, wanted = world.observe(0).state, TwinWorld(layout).observe(0).state
    assert found[:, [X, Y, SPEED]] == pytest.approx(wanted[:, [X, Y, SPEED]], abs=1e-4)


@pytest.mark.parametrize("scenario", [CAR, "truck_meets_slower_car", "reactive_traffic_on_motorway"])
def test_braking_is_the_twins_within_what_a_tick_is(scenario):
    layout = layout_of(scenario)
    brake = [(1000, BrakeDemand(demand_mps2=5.0, request_sequence=1))]
    twin, carla = TwinWorld(layout), open_carla_world(layout, FakeWire(), "")
    wanted, found = play(twin, 5000, brake), play(carla, 5000, brake)
    assert found[:, EGO, SPEED] == pytest.approx(wanted[:, EGO, SPEED], abs=0.02)
    assert found[:, EGO, X] == pytest.approx(wanted[:, EGO, X], abs=0.05)
    assert found[:, EGO, BRAKE] == pytest.approx(wanted[:, EGO, BRAKE], abs=0.16)  # a mean over a tick, not its end
    assert found[:, 1:, X] == pytest.approx(wanted[:, 1:, X], abs=0.05)
    assert carla.take_events() == twin.take_events()


def test_scripted_actors_are_exactly_on_protocol_and_put_there():
    layout = layout_of("child_crosses_ahead_of_truck")
    twin, wire = TwinWorld(layout), FakeWire()
    carla = open_carla_world(layout, wire, "")
    wanted, found = play(twin, 7000), play(carla, 7000)
    assert found[:, 1:].tobytes() == wanted[:, 1:].tobytes()
    assert max(carla.account().deviation_m.values()) < 1e-4


def test_a_control_between_ticks_acts_from_the_next_one_and_the_wait_is_counted():
    world, _ = opened()
    world.advance_to(500 * MS)
    assert world.apply(BrakeDemand(demand_mps2=3.0, request_sequence=1), 503 * MS) == 510 * MS
    assert world.apply(DriverControl(hold_speed_mps=-1.0, pedal_mps2=0.0), 510 * MS) == 510 * MS
    assert world.account().control_delay_max_ns == 7 * MS
    assert world.account().controls == 2


def test_a_stop_ends_at_rest_with_the_brakes_on():
    world, wire = opened()
    truth = play(world, 9000, [(100, BrakeDemand(demand_mps2=6.0, request_sequence=1))])
    assert abs(truth[-1, EGO, SPEED]) < 0.02
    assert truth[-100:, EGO, X] == pytest.approx(truth[-1, EGO, X], abs=0.01)
    assert wire.pedals[-1].brake_ratio > 0.1


def test_a_speed_is_held_and_a_bend_is_followed_by_a_vehicle_that_is_not_the_files_own():
    library = (*(one for one in LIBRARY if one not in OURS), "vehicle.carlamotors.european_hgv")
    world, _ = opened("truck_follows_guard_rail_in_curve", FakeWire(library=library))
    truth = play(world, 12_000)
    assert truth[:, EGO, SPEED] == pytest.approx(truth[0, EGO, SPEED], abs=0.05)
    assert np.abs(truth[:, EGO, PATH_OFFSET]).max() < 0.5


def test_contact_is_swept_between_ticks_and_compared_with_carlas_own():
    world, wire = opened()
    wire.touches.append(Touch(0, 999, 1.0))  # something of the map, before the start
    for at in range(0, 9000, 10):
        world.advance_to(at * MS)
        if any(isinstance(event, Contact) for event in world._told):
            break
    [contact] = world.take_events()
    assert contact.at % (10 * MS) != 0
    twin = TwinWorld(layout_of(CAR))
    twin.advance_to(9000 * MS)
    [wanted] = [event for event in twin.take_events() if isinstance(event, Contact)]
    assert contact.at - wanted.at == pytest.approx(0, abs=MS)
    assert contact.relative_speed_mps == pytest.approx(wanted.relative_speed_mps, abs=0.01)
    account = world.account()
    assert account.only_geometry == ["target"], "CARLA said nothing, not even in the ticks after"


def test_what_carla_alone_touched_is_counted_too():
    world, wire = opened()
    world.advance_to(50 * MS)
    target = wire.watched[1]
    wire.touches += [Touch(wire.frame, target, 100.0), Touch(wire.frame, 4711, 5.0)]
    world.advance_to(100 * MS)
    contacts = world.account().document()["contacts"]
    assert (contacts["only_in_carla"], contacts["carla_with_others"]) == (["target"], 1)


def test_frame_pacing_is_watched():
    world, wire = opened()
    play(world, 200)
    assert (world.account().skipped_frames, world.account().wrong_deltas) == (0, 0)
    wire.frame += 1
    wire.elapsed_s += 0.01
    world.advance_to(300 * MS)
    assert (world.account().skipped_frames, world.account().wrong_deltas) == (1, 1)


def test_an_actor_that_is_not_where_it_was_put_shows():
    world, _ = opened(wire=FakeWire(faults=("places askew",)))
    play(world, 200)
    assert world.account().deviation_m["target"] == pytest.approx(0.25, abs=1e-3)


def test_an_actor_that_vanishes_ends_the_run_with_its_name():
    world, wire = opened()
    world.advance_to(200 * MS)
    del wire.actors[wire.watched[1]]
    with pytest.raises(MachineryError, match="target"):
        world.advance_to(300 * MS)


def test_brakes_that_do_nothing_are_refused_before_the_clock_starts():
    wire = FakeWire(faults=("brakes are dead",))
    with pytest.raises(MachineryError, match="do not act"):
        open_carla_world(layout_of(CAR), wire, "")
    assert wire.closed == 1


def test_brakes_that_fade_after_they_were_measured_show_in_the_books():
    world, wire = opened()
    wire.faults = ("brakes fade",)
    play(world, 4000, [(500, BrakeDemand(demand_mps2=6.0, request_sequence=1))])
    assert world.account().document()["braking_followed"]["mean_mps2"] < -1.0


def test_a_lag_that_the_blueprint_contains_is_not_applied_again(monkeypatch):
    def rise_ms(lagged):
        monkeypatch.setattr(
            opening, "ego_role", lambda layout, facts: Role(blueprint=OURS[2], lagged=lagged, attributes=())
        )
        forget_brake_maps()
        world, _ = opened()
        truth = play(world, 2500, [(500, BrakeDemand(demand_mps2=6.0, request_sequence=1))])
        [onset] = [event.at for event in world.take_events() if isinstance(event, BrakeOnset)]
        reached = int(np.flatnonzero(truth[:, EGO, BRAKE] > 0.9 * 6.0)[0]) * 10
        return reached - onset // MS

    assert rise_ms(lagged=True) <= 20, "the demand goes straight to the pedal: the server's own lag is all there is"
    assert 600 <= rise_ms(lagged=False) <= 700, "2.3 time constants of 0.285 s"


def test_every_run_on_one_server_takes_the_same_brake_map():
    wire = FakeWire()
    world = open_carla_world(layout_of(CAR), wire, "")
    first, ticks = world.account().brake_map, len(wire.pedals)
    other = FakeWire()
    again = open_carla_world(layout_of(CAR), other, "")
    assert again.account().brake_map is first
    assert len(other.pedals) < ticks / 10


def test_two_runs_leave_the_same_truth():
    def truth():
        world, _ = opened("child_crosses_ahead_of_truck")
        return play(world, 4000, [(1003, BrakeDemand(demand_mps2=4.0, request_sequence=1))])

    assert truth().tobytes() == truth().tobytes()


def test_carlas_background_takes_part_with_rows_of_its_own():
    world, wire = opened(background=Background(vehicles=2, walkers=1, seed=3))
    assert world.roster.names[-3:] == ("traffic_0", "traffic_1", "walker_0")
    before = world.observe(0).state
    world.advance_to(1000 * MS)
    after = world.observe(1000 * MS).state
    assert after[-3:, X] - before[-3:, X] == pytest.approx(8.0, abs=0.2)
    assert after[-3:, SPEED] == pytest.approx(8.0, abs=1e-5)
    assert np.abs(after[-3:, ACCELERATION]).max() < 1e-6


def test_background_that_leaves_is_no_failure():
    world, wire = opened(background=Background(vehicles=2, seed=3))
    wire.others = {wire.watched[-1]}
    del wire.actors[wire.watched[-2]]
    world.advance_to(200 * MS)
    assert world.account().document()["left"] == ["traffic_0"]
    assert world.observe(200 * MS).state[-2, Y] > 1000.0
    assert not world.take_events()


def test_sensor_frames_reach_the_sink_with_their_instant_and_are_accounted_for():
    order = StreamOrder("rgb", "sensor.camera.rgb", 0.0, 0.0, 2.0, 0.0, 0.0, 0.0, 5)
    taken = []
    world, _ = opened(streams=(order,), sink=lambda frame, at: taken.append((frame.frame, at)))
    world.advance_to(500 * MS)
    assert [second - first for (first, _), (second, _) in zip(taken, taken[1:], strict=False)] == [5] * (len(taken) - 1)
    assert taken[-1][1] - taken[-2][1] == 50 * MS
    book = world.account().streams["rgb"]
    assert book["due"] == book["matched"] == len(taken)


def test_a_sensors_place_is_told_relative_to_the_actors_origin():
    order = StreamOrder("rgb", "sensor.camera.rgb", -1.0, 0.0, 2.0, 0.0, 0.0, 0.0, 5)
    _, wire = opened(streams=(order,))
    half_m = 0.5 * layout_of(CAR).actors[0].size_m[0]
    assert wire.streams[0].x_m == pytest.approx(half_m + 0.3 - 1.0)  # the box's centre is 0.3 m ahead of the origin


def test_a_server_without_our_blueprints_gets_the_nearest_and_says_how_far_off_they_are():
    library = (*(one for one in LIBRARY if one not in OURS), "vehicle.carlamotors.european_hgv", "vehicle.tesla.model3")
    world, _ = opened("truck_meets_slower_car", FakeWire(library=library))
    account = world.account()
    assert account.played_by["ego"] == "vehicle.carlamotors.european_hgv"
    assert account.misfit_m["ego"] > 1.0


def test_a_server_without_a_blueprint_for_an_actor_is_refused_and_left_clean():
    wire = FakeWire(library=OURS)
    with pytest.raises(MissingPart, match="child"):
        open_carla_world(layout_of("child_crosses_ahead_of_truck"), wire, "")
    assert wire.closed == 1
    assert not wire.actors


def test_closing_twice_lets_go_once():
    world, wire = opened()
    world.close()
    world.close()
    assert wire.closed == 1


@pytest.mark.parametrize("load", [0.0, 0.4, 1.0])
def test_the_ego_is_spawned_as_laden_as_the_scenario_says(load):
    layout = layout_of(CAR, **{"ego.load_ratio": load})
    assert load_of(layout.actors[EGO].vehicle) == pytest.approx(load)

"""The twin through its port against highway-env: 20 reactive vehicles, an external policy every 50 ms."""

import warnings
from dataclasses import replace

import pytest

from scenarios.assembly import RunRequest, prepare
from sim.layout import BrakeDemand, DriverControl
from sim.truth import SPEED
from sim.twin.world import TwinWorld
from tests.benchmarks.measuring import in_turn, report

pytestmark = pytest.mark.benchmark_speed
POLICY_NS = 50_000_000
STEPS = 400
PEER_STEPS = 40


def crowded_layout(vehicles=20):
    """The motorway scenario's traffic, thinned or thickened to so many reactive vehicles."""
    layout = prepare(RunRequest(scenario="reactive_traffic_on_motorway")).placed.layout
    traffic = [actor for actor in layout.actors[1:] if actor.reactive is not None]
    assert traffic
    actors = [layout.actors[0]]
    for index in range(vehicles):
        model = traffic[index % len(traffic)]
        actors.append(replace(model, name=f"vehicle_{index}", s_m=150.0 + 45.0 * index))
    return replace(layout, actors=tuple(actors))


def drive(layout):
    """A policy that looks at the world and drives the ego, 400 times 50 ms."""
    world = TwinWorld(layout)
    now = 0
    for step in range(STEPS):
        frame = world.observe(now)
        slow = float(frame.state[1:, SPEED].min()) < 15.0
        if step % 10 == 0:
            world.apply(BrakeDemand(demand_mps2=1.0 if slow else 0.0, request_sequence=step), now)
            world.apply(DriverControl(hold_speed_mps=22.0, pedal_mps2=0.0), now)
        now += POLICY_NS
        world.advance_to(now)
        world.take_events()
    return world.observe(now)


def peer():
    import gymnasium
    import highway_env

    highway_env.register_highway_envs() if hasattr(highway_env, "register_highway_envs") else None
    settings = {
        "vehicles_count": 20,
        "simulation_frequency": 20,
        "policy_frequency": 20,
        "action": {"type": "ContinuousAction"},
        "duration": 1000,
    }
    env = gymnasium.make("highway-v0", config=settings)
    env.reset(seed=1)
    return env


def test_the_twin_steps_at_least_twenty_times_as_fast_as_highway_env(capsys):
    layout = crowded_layout()
    final = drive(layout)  # compiles, and shows that the traffic moves
    assert final.state[1:, SPEED].max() > 5.0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        env = peer()

        def peer_drive():
            for _ in range(PEER_STEPS):
                _, _, terminated, truncated, _ = env.step([0.0, 0.0])
                if terminated or truncated:
                    env.reset(seed=1)

        ours_s, theirs_s = in_turn(lambda: drive(layout), peer_drive)
        env.close()
    ours, theirs = STEPS / ours_s, PEER_STEPS / theirs_s
    report(capsys, "twin", steps_per_s=ours, highway_env_steps_per_s=theirs, ratio=ours / theirs)
    assert ours / theirs >= 20.0

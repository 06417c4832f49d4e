"""The twin as a Gymnasium environment keeps Gymnasium's contract and the twin's promises."""

import warnings

import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

from scenarios.environment import OTHERS, DrivingEnvironment

CAR = "truck_meets_stationary_car"


def drive(env, action, steps, **reset):
    observations = [env.reset(**reset)[0]]
    for _ in range(steps):
        observation, reward, terminated, truncated, _ = env.step(np.array(action, np.float32))
        observations.append(observation)
        if terminated or truncated:
            break
    return observations, reward, terminated, truncated


def test_gymnasiums_own_checker_accepts_it():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # advice on symmetric action spaces; errors stay errors
        check_env(DrivingEnvironment(CAR), skip_render_check=True)


def test_the_same_seed_and_actions_give_the_same_bytes():
    first, second = (drive(DrivingEnvironment(), (0.0, 22.0), 100, seed=3)[0] for _ in range(2))
    assert np.array(first).tobytes() == np.array(second).tobytes()
    assert len(first) == 101


def test_driving_on_ends_in_contact_and_costs_the_impact_speed():
    _, reward, terminated, truncated = drive(DrivingEnvironment(CAR), (0.0, 80 / 3.6), 400)
    assert terminated
    assert not truncated
    assert reward == pytest.approx(-80 / 3.6, abs=0.2)


def test_braking_in_time_ends_without_contact():
    observations, reward, terminated, truncated = drive(DrivingEnvironment(CAR), (6.0, 0.0), 1000)
    assert truncated
    assert not terminated
    assert reward == 0.0
    assert observations[-1][0, 0] == 0.0


def test_overrides_reach_the_scenario_and_others_come_nearest_first():
    env = DrivingEnvironment()
    observation, _ = env.reset(options={"ego.speed_kmh": 70})
    assert observation[0, 0] == pytest.approx(70 / 3.6, abs=0.01)
    distances = np.hypot(observation[1:, 0], observation[1:, 1])
    assert list(distances) == sorted(distances)
    assert observation.shape == (1 + OTHERS, 4)

from math import exp

import numpy as np
import pytest

from sim.randomness import entity_id, stream_key
from sim.sensors.correlated import SlotClock, four_normals, step_burst, step_noise, unit_noise
from stack.vocabulary import MachineryError, SimNs

KEY = stream_key(5, "test")
TAUS_S = np.array([0.2, 0.5, 1.0, 2.0])


def _run(entities, instants_s):
    values = unit_noise(len(entities), 4)
    last_s, path = None, []
    for at_s in instants_s:
        step_noise(values, TAUS_S, -1.0 if last_s is None else at_s - last_s, KEY, entities, round(at_s * 1e9))
        last_s = at_s
        path.append(values.copy())
    return np.array(path)


def test_four_normals_are_standard_and_free_of_each_other():
    draws = np.array([four_normals(KEY, 7, slot, 0) for slot in range(4000)])
    assert np.all(np.abs(draws.mean(axis=0)) < 0.06)
    assert np.all(np.abs(draws.std(axis=0) - 1.0) < 0.05)
    assert np.all(np.abs(np.corrcoef(draws.T) - np.eye(4)) < 0.06)


@pytest.mark.parametrize("step_s", [0.02, 0.05, 0.2])
def test_a_process_keeps_unit_variance_and_forgets_at_its_time_constant_whatever_the_step(step_s):
    entities = np.array([entity_id(f"a{i}") for i in range(400)], dtype=np.uint32)
    path = _run(entities, [index * step_s for index in range(30)])
    assert np.all(np.abs(path[-1].std(axis=0) - 1.0) < 0.12)
    for process, tau_s in enumerate(TAUS_S):
        pairs = np.corrcoef(path[10:29, :, process].ravel(), path[11:30, :, process].ravel())[0, 1]
        assert abs(pairs - exp(-step_s / tau_s)) < 0.05


def test_uneven_slots_forget_by_the_time_that_passed():
    entities = np.array([entity_id(f"b{i}") for i in range(2000)], dtype=np.uint32)
    path = _run(entities, [0.0, 0.01, 0.31])
    assert abs(np.corrcoef(path[1, :, 1], path[2, :, 1])[0, 1] - exp(-0.3 / 0.5)) < 0.06


def test_an_entity_steps_alike_whoever_else_is_there():
    first = np.array([entity_id("a"), entity_id("b")], dtype=np.uint32)
    alone = np.array([entity_id("b")], dtype=np.uint32)
    instants_s = [0.0, 0.05, 0.1, 0.17]
    assert np.array_equal(_run(first, instants_s)[:, 1], _run(alone, instants_s)[:, 0])


def test_bursts_come_as_often_and_last_as_long_as_stated():
    active, begun, held, steps = False, 0, 0, 40_000
    for slot in range(steps):
        before = active
        active = step_burst(active, 2.0, 0.2, -1.0 if slot == 0 else 0.05, KEY, 3, slot, 0)
        begun += active and not before
        held += active
    assert abs(held / steps - 0.2 / 2.2) < 0.02
    assert abs(held * 0.05 / begun - 0.2) < 0.05


def test_a_slot_asked_again_steps_nothing_and_an_earlier_one_is_refused():
    clock = SlotClock()
    assert clock.step_s(SimNs(50)) < 0.0
    assert clock.step_s(SimNs(50)) == 0.0
    assert clock.step_s(SimNs(1_000_000_050)) == 1.0
    with pytest.raises(MachineryError, match="backwards"):
        clock.step_s(SimNs(49))

"""Two implementations of danger, the stack's from tracks and the judge's from truth, agree when sensors hardly err.

Radar, camera and motion errors are turned down to almost nothing. What is left is the tracker's own
filtering, resolution cells, and the time a hazard list is old: the stack's list is compared with the
truth of the instant it speaks of. Tolerances: gap 0.05 m, closing speed 0.1 m/s, TTC 0.5 %, required
deceleration 1 %. The stack's required deceleration holds its brakes' answer; the judge's is DRAC,
so the same answer time is taken out of the gap before they are compared.
"""

from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest

from analysis.encounters import encounter
from analysis.metrics import required_deceleration_mps2
from scenarios import assembly
from scenarios.assembly import prepare
from stack.vocabulary import topics
from tests.closed_loop.runs import request

NEARLY_PERFECT = {
    "sensor.radar.range_floor_m": 1e-4,
    "sensor.radar.azimuth_floor_rad": 1e-5,
    "sensor.radar.rate_floor_mps": 1e-4,
    "sensor.radar.alignment_sigma_rad": 0.0,
    "sensor.radar.glint_along_m": 0.0,
    "sensor.radar.glint_ratio": 0.0,
    "sensor.radar.bounce_ratio": 0.0,
    "sensor.radar.mirror_ratio": 0.0,
    "sensor.radar.clutter_per_scan": 0.0,
    "sensor.radar.reference_snr_db": 40.0,
    "sensor.camera.range_sigma_ratio": 1e-4,
    "sensor.camera.horizon_error_px": 1e-3,
    "sensor.camera.range_jitter_ratio": 1e-4,
    "sensor.camera.angle_sigma_rad": 1e-5,
    "sensor.camera.angle_jitter_rad": 1e-5,
    "sensor.camera.width_sigma_ratio": 1e-3,
    "sensor.camera.miss_ratio": 0.0,
    "sensor.camera.burst_every_s": 1e9,
    "sensor.camera.ghost_every_s": 1e9,
    "sensor.camera.class_latent": 10.0,
    "sensor.ego_motion.speed_scale_sigma_ratio": 0.0,
    "sensor.ego_motion.speed_sigma_mps": 1e-4,
    "sensor.ego_motion.yaw_rate_sigma_radps": 1e-6,
    "sensor.ego_motion.yaw_bias_start_radps": 0.0,
    "sensor.ego_motion.yaw_bias_walk_radps": 0.0,
}
COMMAND_PATH_S = 0.03  # what the stack reckons with between a track and the brakes
ROWS = (("truck_meets_stationary_car", "target"), ("truck_meets_slower_car", "target"))


@lru_cache(maxsize=4)
def watched(scenario):
    """The record of a run without braking, and every hazard list its stack made."""
    lists = []
    original = assembly.pipeline_of

    def listening(*arguments):
        stages = original(*arguments)
        return tuple(_overheard(stage, lists) if topics.HAZARDS in stage.publishes else stage for stage in stages)

    asked = request(scenario, **{"stack.decision.active_from_mps": 1000.0})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(assembly, "pipeline_of", listening)
        record = prepare(replace(asked, overrides={**asked.overrides, **NEARLY_PERFECT})).play().record
    return record, tuple(lists)


def _overheard(stage, lists):
    def step(state, given):
        after, outputs = stage.step(state, given)
        lists.extend(output.payload for output in outputs if output.topic == topics.HAZARDS)
        return after, outputs

    return replace(stage, step=step)


def compared(scenario, name):
    """Pairs (stack, judge) from 6 s to 1 s before contact: gap, closing speed, TTC, required deceleration."""
    record, lists = watched(scenario)
    meeting = encounter(record, name)
    instants = meeting.at_ns.astype(np.float64)
    ttc = meeting.time_to_collision()
    rows = []
    for given in lists:
        judged_ttc = float(np.interp(given.as_of, instants, np.where(ttc.valid, ttc.values, np.inf)))
        if not 1.0 < judged_ttc < 6.0 or not given.hazards:
            continue
        hazard = given.hazards[0]
        gap = float(np.interp(given.as_of, instants, meeting.ahead_m))
        closing = float(np.interp(given.as_of, instants, meeting.closing_mps))
        rows.append((hazard, gap, closing, judged_ttc))
    assert len(rows) > 50
    return rows


@pytest.mark.parametrize(("scenario", "name"), ROWS)
def test_gap_and_closing_speed_agree(scenario, name):
    for hazard, gap, closing, _ in compared(scenario, name):
        assert hazard.gap_m == pytest.approx(gap, abs=0.05)
        assert hazard.closing_mps == pytest.approx(closing, abs=0.1)


@pytest.mark.parametrize(("scenario", "name"), ROWS)
def test_time_to_collision_agrees(scenario, name):
    for hazard, _, _, ttc_s in compared(scenario, name):
        assert hazard.time_to_collision_s == pytest.approx(ttc_s, rel=0.005)


@pytest.mark.parametrize(("scenario", "name"), ROWS)
def test_required_deceleration_agrees(scenario, name):
    vehicle = assembly.ego_vehicle(prepare(request(scenario)).placed.layout)
    answer_s = COMMAND_PATH_S + vehicle.brake_dead_time_ns * 1e-9
    for hazard, gap, closing, ttc_s in compared(scenario, name):
        if ttc_s < 2.0:
            continue
        brakes_lag_m = closing * vehicle.brake_lag_s - 0.5 * hazard.required_deceleration_mps2 * vehicle.brake_lag_s**2
        left_m = gap - closing * answer_s - brakes_lag_m
        judged = float(required_deceleration_mps2(left_m, closing, 0.0, 0.0).values)
        assert hazard.required_deceleration_mps2 == pytest.approx(judged, rel=0.01)

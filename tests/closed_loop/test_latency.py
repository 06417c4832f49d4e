"""What latency costs: impact speed against added time, and the ladder that answers to missed deadlines."""

from math import sqrt

import pytest

from analysis.encounters import ego_contact
from analysis.sweeps import FIT_FROM_MPS
from scenarios.campaign import run_campaign
from scenarios.engine import engine_for
from scenarios.orders import DEMO_SWEEP, sweep_order
from stack.vocabulary import HostEventKind
from tests.closed_loop.runs import modes, play

CAR = "truck_meets_stationary_car"
KMH = 3.6
LATENCY = "latency.brake_request_ms"

SPIKES = """
title: Tracking pauses now and then
why: {{risk: Pauses break deadlines while the mean load looks harmless., source: onnxruntime issue 13366}}
taxonomy: compute.timing.latency_spike
trigger: {{at_s: 2.0}}
duration_s: 2.0
effect: {{kind: latency_spikes, stage: tracking, period_ms: {period_ms}, extra_ms: {extra_ms}}}
expects: {{diagnoses: [deadlines_missed], modes: [warn_only], recovers: true}}
"""


def swept(span, seed=1):
    order = sweep_order(CAR, f"{LATENCY}={span}", seed=seed)
    return order.measured(run_campaign(order.tasks, engine_for(1, len(order.tasks)), lambda result: None))


def check_curve(sweep):
    """From no contact to at least 20 km/h, in five distinct values or more, along the closed form."""
    impacts = [point.impact_mps for point in sweep.points]
    assert impacts[0] == 0.0
    assert max(impacts) * KMH >= 20.0
    assert len({round(impact, 3) for impact in impacts}) >= 5
    assert impacts == sorted(impacts)
    fit = sweep.fit
    assert fit.deceleration_mps2 == pytest.approx(6.38, abs=0.05)  # 6.30 of the brakes, the rest rolls and drags
    for point in sweep.points:
        if point.impact_mps > FIT_FROM_MPS:
            late_s = point.value * 1e-3 - fit.latency_free_s
            closed_form = sqrt(2.0 * fit.deceleration_mps2 * fit.initial_mps * late_s)
            assert point.impact_mps == pytest.approx(closed_form, rel=0.1)
    assert fit.holds


def told(sweep):
    points = ", ".join(f"{point.value:.0f}: {point.impact_mps * KMH:.1f}" for point in sweep.points)
    fit = sweep.fit
    return f"impact km/h by ms: {points}; tau0 {fit.latency_free_s:.3f} s, worst deviation {fit.worst_ratio:.1%}"


def test_impact_speed_grows_with_added_latency_along_the_closed_form(say):
    sweep = swept("0:1400:200")
    say(told(sweep))
    check_curve(sweep)


@pytest.mark.prove
@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_curve_holds_in_steps_of_fifty_milliseconds(seed, say):
    sweep = swept("0:1300:50", seed)
    say(told(sweep))
    check_curve(sweep)


@pytest.mark.prove
def test_the_curve_of_the_demo_holds(say):
    scenario, vary = DEMO_SWEEP
    assert scenario == CAR
    key, _, span = vary.partition("=")
    assert key == LATENCY
    sweep = swept(span)
    say(told(sweep))
    assert len(sweep.points) <= 12
    check_curve(sweep)


def spikes(folder, period_ms, extra_ms):
    path = folder / "tracking_pauses.yaml"
    path.write_text(SPIKES.format(period_ms=period_ms, extra_ms=extra_ms))
    return play(CAR, (str(path),))


def missed(record):
    return [event for event in record.host_events if event.kind is HostEventKind.DEADLINE_MISSED]


def test_a_train_of_spikes_that_breaks_deadlines_moves_the_ladder_and_lets_it_return(tmp_path):
    record = spikes(tmp_path, period_ms=100.0, extra_ms=60.0)
    fault = record.faults[0]
    assert len(missed(record)) >= 5
    assert [mode for _, mode in modes(record)] == ["warn_only", "nominal"]
    (down_at, _), (up_at, _) = modes(record)
    assert fault.opened_at < down_at < fault.closed_at < up_at


def test_a_mild_train_of_spikes_does_not_move_it(tmp_path):
    record = spikes(tmp_path, period_ms=100.0, extra_ms=2.0)
    assert record.faults[0].altered >= 15
    assert missed(record) == []
    assert modes(record) == []
    assert ego_contact(record) is None

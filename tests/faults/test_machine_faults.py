"""Faults of the computer, of the host and of the brakes: what they cost, when, and what they leave alone."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faults.brakes import LateBrakes, StuckBrakes, WeakBrakes
from faults.crash import Crash
from faults.hang import Hang
from faults.latency_spikes import LatencySpikes
from faults.overload import Overload
from sim.attachments import NEVER
from stack.vocabulary import SimNs, ns_from_s
from tests.faults.stand_ins import (
    Clockwork,
    CrashingHost,
    DirectBrakes,
    EvenCosts,
    demand,
    job_at,
    open_window,
    stage,
)

MS = 1_000_000
WORK_NS = 2 * MS
SPIKES = LatencySpikes(name="spikes", stage="tracking", period_ns=100 * MS, extra_ns=80 * MS)
LOAD = Overload(name="load", stage="tracking", load_ratio=3.0)
HANG = Hang(name="hang", stage="tracking", every_job=True)
HANG_ONCE = Hang(name="hang", stage="tracking", every_job=False)
COMPUTE = [SPIKES, LOAD, HANG, HANG_ONCE]
JOBS = tuple(SimNs(k * 20 * MS) for k in range(250))


def works(costs, name="tracking", starts=JOBS):
    return [costs.charge(stage(name), job_at(now), now, lambda: "result").work_ns for now in starts]


@pytest.mark.parametrize("fault", COMPUTE)
def test_a_compute_fault_touches_its_stage_in_its_window_and_nothing_else(fault):
    window = open_window(fault.name)
    costs = fault.wrap_costs(EvenCosts(), window, 7)
    got = works(costs)
    changed = [now for now, work_ns in zip(JOBS, got, strict=True) if work_ns != WORK_NS]
    assert changed
    assert all(ns_from_s(1.0) <= now < ns_from_s(3.0) for now in changed)
    assert window.altered == len(changed)
    assert window.first_effect_at == changed[0] == ns_from_s(1.0)
    assert works(costs, "risk") == [WORK_NS] * len(JOBS)


@pytest.mark.parametrize("fault", COMPUTE)
def test_a_compute_fault_runs_the_function_once_and_keeps_its_result(fault):
    costs, ran = fault.wrap_costs(EvenCosts(), open_window(), 7), []
    charge = costs.charge(stage("tracking"), job_at(ns_from_s(2.0)), ns_from_s(2.0), lambda: ran.append(1) or "made")
    assert ran == [1]
    assert charge.result == "made"


@pytest.mark.parametrize("fault", COMPUTE)
def test_a_compute_fault_leaves_other_points_alone(fault):
    thing = object()
    assert fault.wrap_sensor("camera", thing, open_window(), 7) is thing
    assert fault.wrap_channel("camera", thing, open_window(), 7) is thing
    assert fault.wrap_brake_line(thing, open_window(), 7) is thing
    fault.attach_host(None, None, open_window())
    assert fault.points == ("costs:tracking",)


def test_a_spike_train_hits_the_first_job_at_or_after_each_spike():
    costs = SPIKES.wrap_costs(EvenCosts(), open_window(), 7)
    hit = [now for now, work_ns in zip(JOBS, works(costs), strict=True) if work_ns == WORK_NS + 80 * MS]
    assert hit == [ns_from_s(1.0) + k * 100 * MS for k in range(20)]


def test_a_spike_without_a_job_is_not_made_up_for():
    costs = SPIKES.wrap_costs(EvenCosts(), open_window(), 7)
    starts = [ns_from_s(1.0), ns_from_s(1.55), ns_from_s(1.56), ns_from_s(1.60)]
    assert works(costs, starts=starts) == [WORK_NS + 80 * MS, WORK_NS + 80 * MS, WORK_NS, WORK_NS + 80 * MS]


def test_a_fault_of_all_stages_hits_each_stage():
    costs = LatencySpikes(name="s", stage="all", period_ns=MS * 1000, extra_ns=5 * MS).wrap_costs(
        EvenCosts(), open_window(), 7
    )
    now = [ns_from_s(1.5)]
    assert [works(costs, name, now)[0] for name in ("ingest", "tracking", "risk")] == [WORK_NS + 5 * MS] * 3


@given(load=st.floats(1.0, 20.0))
@settings(max_examples=25, deadline=None)
def test_overload_multiplies_the_work(load):
    costs = Overload(name="load", stage="all", load_ratio=load).wrap_costs(EvenCosts(), open_window(), 7)
    assert works(costs, starts=[ns_from_s(2.0)]) == [round(WORK_NS * load)]


def test_every_job_hangs_while_the_window_is_open():
    window = open_window()
    got = works(HANG.wrap_costs(EvenCosts(), window, 7))
    assert got.count(-1) == window.altered == 100
    assert HANG.total_loss


def test_only_the_first_job_hangs_if_so_stated():
    window = open_window()
    got = works(HANG_ONCE.wrap_costs(EvenCosts(), window, 7))
    assert got.count(-1) == window.altered == 1
    assert not HANG_ONCE.total_loss


@pytest.mark.parametrize("outer", [SPIKES, LOAD])
def test_endless_work_stays_endless_and_is_counted_once(outer):
    inner_window, outer_window = open_window("hang"), open_window(outer.name)
    costs = outer.wrap_costs(HANG.wrap_costs(EvenCosts(), inner_window, 7), outer_window, 7)
    assert works(costs).count(-1) == 100
    assert (inner_window.altered, outer_window.altered) == (100, 0)


def test_a_crash_comes_once_at_the_onset():
    host, timer, window = CrashingHost(), Clockwork(ns_from_s(1.0)), open_window()
    Crash(name="crash").attach_host(host, timer, window)
    timer.run_until(ns_from_s(5.0))
    assert host.crashes == [ns_from_s(1.0)]
    assert (window.altered, window.first_effect_at) == (1, ns_from_s(1.0))


def test_a_repeated_crash_ends_with_its_window():
    host, timer, window = CrashingHost(), Clockwork(ns_from_s(1.0)), open_window()
    Crash(name="crash", repeat_every_ns=ns_from_s(0.5)).attach_host(host, timer, window)
    timer.run_until(ns_from_s(9.0))
    assert host.crashes == [ns_from_s(s) for s in (1.0, 1.5, 2.0, 2.5)]
    assert window.altered == 4
    assert timer.acts == []


def test_a_crash_wraps_nothing():
    thing, fault = object(), Crash(name="crash")
    assert fault.wrap_costs(thing, open_window(), 7) is thing
    assert fault.wrap_sensor("camera", thing, open_window(), 7) is thing
    assert fault.wrap_channel("camera", thing, open_window(), 7) is thing
    assert fault.wrap_brake_line(thing, open_window(), 7) is thing
    assert fault.points == ("host",)


BRAKES = [
    LateBrakes(name="late", delay_ns=300 * MS),
    WeakBrakes(name="weak", effect_ratio=0.4),
    StuckBrakes(name="stuck"),
]


@pytest.mark.parametrize("fault", BRAKES)
def test_a_brake_fault_touches_demands_of_its_window_and_no_others(fault):
    window = open_window()
    line = fault.wrap_brake_line(DirectBrakes(), window, 7)
    for k in range(100):
        at = SimNs(k * 50 * MS)
        reached = line.pass_on(demand(1.0 + 0.05 * k, k), at)
        inside = ns_from_s(1.0) <= at < ns_from_s(3.0)
        draining = fault.name == "late" and ns_from_s(3.0) <= at < ns_from_s(3.25)
        assert (reached != ((at, demand(1.0 + 0.05 * k, k)),)) == (inside or draining)
        assert reached[0][1].request_sequence == k
    assert window.altered == 40
    assert fault.points == ("brake_line",)


def test_late_brakes_never_let_a_demand_overtake_an_earlier_one():
    line = BRAKES[0].wrap_brake_line(DirectBrakes(), open_window(), 7)
    instants = [line.pass_on(demand(k), SimNs(k * 50 * MS))[0][0] for k in range(100)]
    assert instants == sorted(instants)
    assert instants[59] == 59 * 50 * MS + 300 * MS
    assert instants[60] == instants[59]
    assert instants[70] == 70 * 50 * MS


@given(ratio=st.floats(0.0, 1.0), asked=st.floats(0.0, 10.0))
@settings(max_examples=50, deadline=None)
def test_weak_brakes_give_the_stated_share_and_never_more(ratio, asked):
    fault, window = WeakBrakes(name="weak", effect_ratio=ratio), open_window()
    ((at, given_demand),) = fault.wrap_brake_line(DirectBrakes(), window, 7).pass_on(demand(asked), ns_from_s(2.0))
    assert at == ns_from_s(2.0)
    assert given_demand.demand_mps2 == asked * ratio <= asked
    assert window.altered == (asked * ratio != asked)
    assert fault.total_loss == (ratio == 0.0)


def test_stuck_brakes_hold_the_last_demand_before_the_onset():
    window = open_window()
    line = StuckBrakes(name="stuck").wrap_brake_line(DirectBrakes(), window, 7)
    levels = [line.pass_on(demand(mps2), ns_from_s(s))[0][1].demand_mps2 for s, mps2 in _EPISODE]
    assert levels == [0.0, 2.0, 2.0, 2.0, 2.0, 0.0, 5.0]
    assert window.altered == 2  # holding what is asked anyway alters nothing


_EPISODE = [(0.0, 0.0), (0.9, 2.0), (1.0, 6.0), (2.0, 2.0), (2.9, 0.0), (3.0, 0.0), (4.0, 5.0)]


def test_brakes_stuck_from_the_start_stay_released():
    line = StuckBrakes(name="stuck").wrap_brake_line(DirectBrakes(), open_window("stuck", 0.0, 9.0), 7)
    assert line.pass_on(demand(6.0), ns_from_s(1.0))[0][1].demand_mps2 == 0.0


@pytest.mark.parametrize("fault", [*COMPUTE, *BRAKES])
def test_a_window_that_never_opens_leaves_machine_faults_without_effect(fault):
    window = open_window()
    window.opens_at = window.closes_at = NEVER
    assert works(fault.wrap_costs(EvenCosts(), window, 7)) == [WORK_NS] * len(JOBS)
    line = fault.wrap_brake_line(DirectBrakes(), window, 7)
    assert line.pass_on(demand(3.0), ns_from_s(2.0)) == ((ns_from_s(2.0), demand(3.0)),)
    assert window.altered == 0

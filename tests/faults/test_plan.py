"""A plan opens windows, nests faults in order, keeps the books and says who masks whom."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faults import Expectation, FaultPlan, PlannedFault, skipped
from faults.blackout import Blackout
from faults.brakes import StuckBrakes, WeakBrakes
from faults.crash import Crash
from faults.delay import Delay
from faults.drop import Drop
from faults.duplicate import Duplicate
from faults.freeze import Freeze
from faults.ghost import Apparition, RadarGhost
from faults.hang import Hang
from faults.overload import Overload
from faults.triggers import FOREVER_NS, BrakingFor, ChanceTrigger, ConditionTrigger, GapBelow, InstantTrigger
from sim.attachments import NEVER
from sim.truth import ActorKind
from stack.vocabulary import Diagnosis, InputError, Mode, SimNs, ns_from_s
from tests.faults.stand_ins import (
    Clockwork,
    CrashingHost,
    DirectBrakes,
    EvenCosts,
    PerfectLine,
    carried,
    demand,
    frame,
    job_at,
    messages,
    stage,
)

MS = 1_000_000
EXPECTS = Expectation(diagnoses=(Diagnosis.CAMERA_FROZEN,), modes=(Mode.RADAR_ONLY,), recovers=True)


def planned(fault, at_s=1.0, duration_s=2.0, trigger=None):
    return PlannedFault(
        fault=fault,
        trigger=trigger or InstantTrigger(at=ns_from_s(at_s)),
        duration_ns=ns_from_s(duration_s),
        taxonomy_id="camera.imager.frozen_frame",
        expects=EXPECTS,
    )


def camera_faults():
    return {
        "freeze": Freeze(name="freeze", topic="camera"),
        "delay": Delay(name="delay", topic="camera", delay_ns=70 * MS),
        "drop": Drop(name="drop", topic="camera", loss_ratio=0.4),
        "twice": Duplicate(name="twice", topic="camera", repeat_ratio=0.5, copies=1, spacing_ns=MS),
    }


def through(plan, topic="camera", seed=7):
    windows = plan.windows(seed)
    return carried(plan.wrap_channel(topic, PerfectLine(), windows, seed), messages(topic)), windows


def test_the_empty_plan_hands_back_the_very_same_objects():
    plan, thing = FaultPlan(), object()
    windows = plan.windows(7)
    assert windows == ()
    assert plan.wrap_channel("camera", thing, windows, 7) is thing
    assert plan.wrap_sensor("camera", thing, windows, 7) is thing
    assert plan.wrap_costs(thing, windows, 7) is thing
    assert plan.wrap_brake_line(thing, windows, 7) is thing
    plan.attach_host(None, None, windows)
    assert plan.watch(windows).observe(frame()) == ()
    assert plan.accounts(windows) == ()
    assert plan.findings((), ()) == ()


def test_a_plan_hands_back_what_none_of_its_faults_touches():
    plan, thing = FaultPlan((planned(Freeze(name="freeze", topic="camera")),)), object()
    windows = plan.windows(7)
    assert plan.wrap_channel("radar", thing, windows, 7) is thing
    assert plan.wrap_sensor("camera", thing, windows, 7) is thing
    assert plan.wrap_costs(thing, windows, 7) is thing
    assert plan.wrap_brake_line(thing, windows, 7) is thing


def test_the_first_listed_fault_sits_innermost():
    faults = camera_faults()
    plan = FaultPlan((planned(faults["freeze"]), planned(faults["delay"])))
    line = PerfectLine()
    outer = plan.wrap_channel("camera", line, plan.windows(7), 7)
    assert outer.window.name == "delay"
    assert outer.inner.window.name == "freeze"
    assert outer.inner.inner is line


@given(order=st.permutations(["freeze", "delay", "drop", "twice"]), cut=st.integers(0, 4))
@settings(max_examples=24, deadline=None)
def test_plans_compose_by_nesting_wherever_they_are_cut(order, cut):
    faults = [planned(camera_faults()[name]) for name in order]
    whole, first, second = FaultPlan(tuple(faults)), FaultPlan(tuple(faults[:cut])), FaultPlan(tuple(faults[cut:]))
    inner = first.wrap_channel("camera", PerfectLine(), first.windows(7), 7)
    outer = second.wrap_channel("camera", inner, second.windows(7), 7)
    assert carried(outer, messages()) == through(whole)[0]


def test_order_matters_where_it_should():
    freeze = planned(Freeze(name="freeze", topic="camera"))
    dark = planned(Blackout(name="dark", topic="camera"), at_s=0.5, duration_s=1.0)
    frozen_behind, _ = through(FaultPlan((freeze, dark)))
    frozen_before, _ = through(FaultPlan((dark, freeze)))
    assert frozen_behind[40][0].message.payload == messages()[9].payload  # what last got past the loss
    assert frozen_before[40][0].message.payload == messages()[19].payload


def test_adding_a_fault_elsewhere_changes_no_draw():
    drop = planned(camera_faults()["drop"])
    alone, _ = through(FaultPlan((drop,)))
    accompanied, _ = through(FaultPlan((planned(Drop(name="other", topic="radar", loss_ratio=0.5)), drop)))
    assert alone == accompanied


def test_faults_of_two_names_draw_apart():
    one, _ = through(FaultPlan((planned(Drop(name="one", topic="camera", loss_ratio=0.5)),)))
    two, _ = through(FaultPlan((planned(Drop(name="two", topic="camera", loss_ratio=0.5)),)))
    assert one != two


def test_a_plan_that_lists_a_fault_twice_is_refused():
    fault = planned(Freeze(name="freeze", topic="camera"))
    with pytest.raises(InputError, match="freeze: listed more than once"):
        FaultPlan((fault, fault))


def test_windows_of_instants_and_chance_are_open_before_the_run():
    chance = ChanceTrigger(probability_ratio=1.0, from_at=ns_from_s(2.0), to_at=ns_from_s(3.0))
    never = ChanceTrigger(probability_ratio=0.0, from_at=ns_from_s(2.0), to_at=ns_from_s(3.0))
    condition = ConditionTrigger(condition=BrakingFor(after_ns=0))
    plan = FaultPlan(
        tuple(
            planned(Freeze(name=name, topic="camera"), trigger=trigger)
            for name, trigger in (("a", None), ("b", chance), ("c", never), ("d", condition))
        )
    )
    a, b, c, d = plan.windows(7)
    assert (a.opens_at, a.closes_at) == (ns_from_s(1.0), ns_from_s(3.0))
    assert ns_from_s(2.0) <= b.opens_at < ns_from_s(3.0)
    assert c.opens_at == d.opens_at == NEVER
    assert plan.windows(7)[1].opens_at == b.opens_at != plan.windows(8)[1].opens_at


def test_a_fault_that_lasts_for_ever_never_closes():
    fault = PlannedFault(
        fault=Freeze(name="freeze", topic="camera"),
        trigger=InstantTrigger(at=ns_from_s(1.0)),
        duration_ns=FOREVER_NS,
        taxonomy_id="camera.imager.frozen_frame",
        expects=EXPECTS,
    )
    (window,) = FaultPlan((fault,)).windows(7)
    assert window.closes_at == NEVER
    assert window.active(ns_from_s(86_400.0))


def test_the_watch_opens_a_window_once_at_the_first_frame_that_fits():
    close = ConditionTrigger(condition=GapBelow(gap_m=20.0, target="lead"))
    braking = ConditionTrigger(condition=BrakingFor(after_ns=0))
    plan = FaultPlan(
        (
            planned(Freeze(name="near", topic="camera"), trigger=close, duration_s=0.3),
            planned(Freeze(name="braking", topic="radar"), trigger=braking),
            planned(Freeze(name="timed", topic="ego_motion")),
        )
    )
    windows = plan.windows(7)
    watch, opened = plan.watch(windows), []
    for k in range(20):
        lead = ("lead", ActorKind.CAR, 30.0 - k, 0.0, 0.0, 10.0)  # its rear is 2 m nearer
        opened.append([w.name for w in watch.observe(frame(0.1 * k, ego_brake_mps2=3.0 * (k == 15), others=[lead]))])
    assert opened[9] == ["near"]
    assert opened[15] == ["braking"]
    assert sum(map(len, opened)) == 2
    assert not watch.waiting
    assert (windows[0].opens_at, windows[0].closes_at) == (ns_from_s(0.9), ns_from_s(1.2))


def test_the_host_is_attached_at_each_onset_however_it_came():
    condition = ConditionTrigger(condition=BrakingFor(after_ns=0))
    plan = FaultPlan((planned(Crash(name="timed")), planned(Crash(name="on_braking"), trigger=condition)))
    windows, host, timer = plan.windows(7), CrashingHost(), Clockwork()
    plan.attach_host(host, timer, windows)
    timer.run_until(ns_from_s(2.0))
    assert host.crashes == [ns_from_s(1.0)]
    opened = plan.watch(windows).observe(frame(2.0, ego_brake_mps2=3.0))
    plan.attach_host(host, timer, opened)
    timer.run_until(ns_from_s(5.0))
    assert host.crashes == [ns_from_s(1.0), ns_from_s(2.0)]
    assert [one.altered for one in plan.accounts(windows)] == [1, 1]


def test_the_host_is_attached_at_once_to_a_fault_that_begins_with_the_run():
    plan, host = FaultPlan((planned(Crash(name="crash"), at_s=0.0),)), CrashingHost()
    plan.attach_host(host, Clockwork(), plan.windows(7))
    assert host.crashes == [0]


def test_the_books_tell_what_a_fault_did():
    plan = FaultPlan((planned(Freeze(name="freeze", topic="camera")),))
    _, windows = through(plan)
    (account,) = plan.accounts(windows)
    assert (account.name, account.taxonomy_id) == ("freeze", "camera.imager.frozen_frame")
    assert account.expected_diagnoses == ("camera_frozen",)
    assert account.expected_modes == ("radar_only",)
    assert (account.opened_at, account.closed_at) == (ns_from_s(1.0), ns_from_s(3.0))
    assert (account.trigger, account.altered, account.first_effect_at) == ("instant", 40, ns_from_s(1.01))
    assert account.masked_by == ()
    assert account.skipped == ""
    assert skipped(account, "needs pixels").skipped == "needs pixels"


def test_a_fault_whose_condition_never_came_is_booked_as_never_opened():
    condition = ConditionTrigger(condition=BrakingFor(after_ns=0))
    plan = FaultPlan((planned(Freeze(name="freeze", topic="camera"), trigger=condition),))
    _, windows = through(plan)
    (account,) = plan.accounts(windows)
    assert (account.opened_at, account.altered, account.trigger) == (NEVER, 0, "condition")


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_blackout_masks_what_else_acts_on_its_channel(order):
    pair = (planned(Freeze(name="freeze", topic="camera")), planned(Blackout(name="dark", topic="camera")))
    plan = FaultPlan((pair[order[0]], pair[order[1]]))
    _, windows = through(plan)
    books = {account.name: account for account in plan.accounts(windows)}
    assert books["freeze"].altered == 0
    assert books["freeze"].masked_by == ("dark",)
    assert books["dark"].masked_by == ()


def test_of_two_blackouts_the_one_that_did_nothing_is_masked():
    plan = FaultPlan((planned(Blackout(name="inner", topic="camera")), planned(Blackout(name="outer", topic="camera"))))
    _, windows = through(plan)
    assert [account.masked_by for account in plan.accounts(windows)] == [("outer",), ()]


def test_a_blackout_of_another_topic_or_time_masks_nothing():
    freeze = planned(Freeze(name="freeze", topic="camera"))
    radar = FaultPlan((freeze, planned(Blackout(name="dark", topic="radar"))))
    later = FaultPlan((freeze, planned(Blackout(name="dark", topic="camera"), at_s=4.0)))
    for plan in (radar, later):
        _, windows = through(plan)
        assert plan.accounts(windows)[0].masked_by == ()


def test_a_partial_overlap_masks_only_what_altered_nothing():
    plan = FaultPlan(
        (
            planned(Freeze(name="freeze", topic="camera")),
            planned(Blackout(name="dark", topic="camera"), at_s=2.0, duration_s=4.0),
        )
    )
    _, windows = through(plan)
    (freeze, dark) = plan.accounts(windows)
    assert freeze.altered == 20
    assert (freeze.masked_by, dark.masked_by) == ((), ())


def test_a_sensor_fault_is_masked_by_the_loss_of_its_messages():
    ghost = RadarGhost(
        name="ghost",
        at=Apparition(x_m=38.0, y_m=0.0, closing_speed_mps=4.0),
        width_m=1.0,
        echoes=2,
        rcs_dbsm=10.0,
        snr_db=20.0,
    )
    plan = FaultPlan((planned(ghost), planned(Blackout(name="dark", topic="radar"), at_s=0.5, duration_s=5.0)))
    windows = plan.windows(7)
    windows[0].note_effect(ns_from_s(1.0))
    assert plan.accounts(windows)[0].masked_by == ("dark",)


def test_brakes_that_hear_nothing_are_masked_by_the_lost_commands():
    plan = FaultPlan(
        (planned(WeakBrakes(name="weak", effect_ratio=0.5)), planned(Blackout(name="lost", topic="brake_request")))
    )
    assert plan.accounts(plan.windows(7))[0].masked_by == ("lost",)


def test_a_hang_masks_an_overload_of_its_stage_only():
    hang = planned(Hang(name="hang", stage="tracking", every_job=True))
    same = FaultPlan((hang, planned(Overload(name="load", stage="tracking", load_ratio=2.0))))
    other = FaultPlan((hang, planned(Overload(name="load", stage="risk", load_ratio=2.0))))
    assert same.accounts(same.windows(7))[1].masked_by == ("hang",)
    assert other.accounts(other.windows(7))[1].masked_by == ()
    everywhere = FaultPlan(
        (
            planned(Hang(name="hang", stage="all", every_job=True)),
            planned(Overload(name="load", stage="risk", load_ratio=2.0)),
        )
    )
    assert everywhere.accounts(everywhere.windows(7))[1].masked_by == ("hang",)


def test_brake_faults_nest_on_the_line_and_costs_on_the_source():
    plan = FaultPlan(
        (
            planned(WeakBrakes(name="weak", effect_ratio=0.5)),
            planned(StuckBrakes(name="stuck"), at_s=2.0, duration_s=0.5),
            planned(Overload(name="double", stage="all", load_ratio=2.0)),
            planned(Overload(name="triple", stage="risk", load_ratio=3.0)),
        )
    )
    windows = plan.windows(7)
    line, costs = plan.wrap_brake_line(DirectBrakes(), windows, 7), plan.wrap_costs(EvenCosts(), windows, 7)
    assert line.pass_on(demand(6.0), ns_from_s(1.5))[0][1].demand_mps2 == 3.0
    assert line.pass_on(demand(2.0), ns_from_s(2.1))[0][1].demand_mps2 == 3.0  # stuck at 6, of which half arrives
    now = ns_from_s(1.5)
    assert costs.charge(stage("risk"), job_at(now), SimNs(0), lambda: None).work_ns == 12 * MS


def test_unknown_stages_and_actors_are_found_all_at_once():
    condition = ConditionTrigger(condition=GapBelow(gap_m=20.0, target="led"))
    plan = FaultPlan(
        (
            planned(Hang(name="hang", stage="camera_objets", every_job=True), trigger=condition),
            planned(Overload(name="load", stage="all", load_ratio=2.0)),
            planned(Freeze(name="freeze", topic="camera")),
        )
    )
    findings = plan.findings(("camera_objects", "tracking"), ("ego", "lead"))
    assert [(one.where, one.field) for one in findings] == [("hang", "effect.stage"), ("hang", "trigger.to")]
    assert "camera_objets" in findings[0].problem
    assert "lead" in findings[1].problem

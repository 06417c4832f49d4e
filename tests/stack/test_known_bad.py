"""The stacks that are wrong on purpose are wrong in exactly the way they say."""

from dataclasses import replace

import pytest

from stack.known_bad import HMI_ALLOWANCE_S, WARNING_LEAD_S, always_brake, blind_to_vru, delayed, never_brake
from stack.pipeline import reference_pipeline
from stack.vocabulary import (
    NS_PER_MS,
    NS_PER_S,
    BrakeRequest,
    CameraTargets,
    DriverWarning,
    HazardKind,
    InputError,
    Manoeuvre,
    ObjectClass,
    Output,
    SimNs,
    Stage,
    StageInput,
    WarningKind,
    ns_from_s,
    request_checksum,
    topics,
)
from tests.stack.decision_stand_ins import BRAKE_MAX_MPS2, LANE, briefing, camera_car, hazard, message, track

STEP_NS = 10 * NS_PER_MS


def played(box, seconds: float) -> list[tuple[int, object]]:
    said = []
    for now in range(0, ns_from_s(seconds), STEP_NS):
        said += [(now, output.payload) for output in box.step(SimNs(now), ())]
    return said


def demands(said: list[tuple[int, object]]) -> list[tuple[int, float]]:
    return [(at, payload.demand_mps2) for at, payload in said if isinstance(payload, BrakeRequest)]


def warnings(said: list[tuple[int, object]]) -> list[tuple[int, WarningKind]]:
    return [(at, payload.kind) for at, payload in said if isinstance(payload, DriverWarning)]


# -- black boxes ----------------------------------------------------------------------------------


def test_never_brake_asks_for_nothing_says_nothing_and_keeps_the_actuator_content():
    said = played(never_brake(briefing()), 10.0)
    assert {demand for _, demand in demands(said)} == {0.0}
    assert warnings(said) == []
    assert len(said) == 1000


def test_always_brake_warns_at_the_functional_part_and_brakes_fully_after_the_lead_for_ever():
    said = played(always_brake(briefing()), 20.0)
    (warned_at, kind), *more = warnings(said)
    assert (warned_at, kind, more) == (2 * NS_PER_S, WarningKind.FORWARD_COLLISION, [])
    braking = [at for at, demand in demands(said) if demand > 0.0]
    assert braking[0] - warned_at == ns_from_s(WARNING_LEAD_S + HMI_ALLOWANCE_S)
    assert braking == list(range(braking[0], ns_from_s(20.0), STEP_NS))
    assert max(demand for _, demand in demands(said)) == pytest.approx(BRAKE_MAX_MPS2, abs=1e-3)


def test_always_brake_called_late_still_gives_the_lead():
    box = always_brake(briefing())
    box.step(SimNs(3 * NS_PER_S), ())
    (early,) = box.step(SimNs(3 * NS_PER_S + ns_from_s(0.9)), ())
    (late,) = box.step(SimNs(3 * NS_PER_S + ns_from_s(1.0)), ())
    assert early.payload.demand_mps2 == 0.0
    assert late.payload.demand_mps2 > 6.0


@pytest.mark.parametrize("factory", [never_brake, always_brake])
def test_black_boxes_count_and_protect_their_requests(factory):
    sent = [payload for _, payload in played(factory(briefing()), 5.0) if isinstance(payload, BrakeRequest)]
    assert [request.counter for request in sent] == [n % 15 for n in range(len(sent))]
    assert all(request.checksum == request_checksum(request.raw_demand, request.counter) for request in sent)


@pytest.mark.parametrize("factory", [never_brake, always_brake])
def test_two_black_boxes_of_one_briefing_say_the_same(factory):
    assert played(factory(briefing()), 5.0) == played(factory(briefing()), 5.0)


# -- delayed --------------------------------------------------------------------------------------


def actuation(pipeline: tuple[Stage, ...]) -> Stage:
    return next(stage for stage in pipeline if topics.BRAKE_REQUEST in stage.publishes)


def with_settings(**values: float):
    return replace(briefing(), settings={key.replace("__", "."): value for key, value in values.items()})


def timeline(stage: Stage, timer_ns: int) -> list[tuple[int, object]]:
    """What a stage says when manoeuvres come every 25 ms and its timer runs between them."""
    state, said = stage.initial(), []
    for now in range(0, 3 * NS_PER_S, timer_ns):
        arrived = ()
        if now % (25 * NS_PER_MS) == 0:
            braking = now >= NS_PER_S
            warning = WarningKind.FORWARD_COLLISION if braking else WarningKind.NONE
            demand = BRAKE_MAX_MPS2 if braking else 0.0
            chosen = Manoeuvre(as_of=SimNs(now), demand_mps2=demand, warning=warning, warning_reason="")
            arrived = (message(topics.MANOEUVRE, 0, now, chosen),)
        if arrived or stage.every_ns:
            state, outputs = stage.step(state, StageInput(now=SimNs(now), messages=arrived, latest={}))
            said += [(now, output.payload) for output in outputs]
    return said


@pytest.mark.parametrize("delay_s", [0.0, 0.1, 0.5, 0.75])
def test_everything_that_leaves_the_delayed_stack_is_late_by_the_delay_and_otherwise_the_same(delay_s):
    honest = timeline(actuation(reference_pipeline(briefing())), 5 * NS_PER_MS)
    late = timeline(actuation(delayed(with_settings(known_bad__delay_s=delay_s))), 5 * NS_PER_MS)
    shifted = [(at + ns_from_s(delay_s), payload) for at, payload in honest]
    assert late == [(at, payload) for at, payload in shifted if at < 3 * NS_PER_S]
    assert any(isinstance(payload, DriverWarning) for _, payload in late)


def test_the_delay_is_half_a_second_unless_said_otherwise():
    late = timeline(actuation(delayed(briefing())), 5 * NS_PER_MS)
    assert late[0][0] == NS_PER_S // 2


def test_only_actuation_is_changed_in_the_delayed_stack():
    honest, late = reference_pipeline(briefing()), delayed(briefing())
    assert [stage.name for stage in late] == [stage.name for stage in honest]
    for one, other in zip(honest, late, strict=True):
        assert (one.every_ns == other.every_ns) is (topics.BRAKE_REQUEST not in one.publishes)


@pytest.mark.parametrize("delay_s", [-0.1, 60.0, float("nan")])
def test_a_delay_that_cannot_be_is_refused(delay_s):
    with pytest.raises(InputError, match="delay_s"):
        delayed(with_settings(known_bad__delay_s=delay_s))


def test_the_settings_of_the_stages_still_count_in_the_delayed_stack():
    with pytest.raises(InputError, match="brake_at_mps2"):
        delayed(with_settings(decision__brake_at_mps=5.0))


def test_the_delayed_stage_leaves_its_state_as_it_was():
    stage = actuation(delayed(briefing()))
    state = stage.initial()
    chosen = Manoeuvre(as_of=SimNs(0), demand_mps2=1.0, warning=WarningKind.NONE, warning_reason="")
    given = StageInput(now=SimNs(0), messages=(message(topics.MANOEUVRE, 0, 0, chosen),), latest={})
    assert stage.step(state, given) == stage.step(state, given)
    assert state == stage.initial()


# -- blind to people ------------------------------------------------------------------------------


def blinded(topic: str, payload: object) -> object:
    """What the blind stack publishes on a topic where the reference stack publishes `payload`."""
    stage = next(stage for stage in blind_to_vru(briefing()) if topic in stage.publishes)
    honest = replace(stage.step, step=lambda state, given: (state, (Output(topic=topic, payload=payload),)))
    _, (output,) = honest(None, StageInput(now=SimNs(0), messages=(), latest={}))
    return output.payload


def test_pedestrians_and_cyclists_are_dropped_from_camera_targets_and_cars_are_kept():
    car = camera_car(20.0)
    people = tuple(replace(car, object_class=kind) for kind in (ObjectClass.PEDESTRIAN, ObjectClass.CYCLIST))
    seen = CameraTargets(targets=(people[0], car, people[1]), lane=LANE)
    assert blinded(topics.CAMERA_TARGETS, seen) == CameraTargets(targets=(car,), lane=LANE)


def test_a_person_taken_for_a_car_or_for_nothing_known_is_dropped_too():
    car = camera_car(20.0)
    taken_for_a_car = replace(car, width_m=0.5)
    taken_for_nothing = replace(car, object_class=ObjectClass.UNKNOWN, width_m=0.5)
    seen = CameraTargets(targets=(taken_for_a_car, taken_for_nothing), lane=LANE)
    assert blinded(topics.CAMERA_TARGETS, seen).targets == ()


def test_hazards_about_people_are_dropped_and_those_about_cars_are_kept():
    from stack.vocabulary import HazardList

    car, person = hazard(20.0, 5.0, track()), hazard(20.0, 5.0, track(), HazardKind.FORWARD_COLLISION_VRU)
    given = HazardList(as_of=SimNs(0), hazards=(person, car), speed_mps=5.0)
    assert blinded(topics.HAZARDS, given).hazards == (car,)


def test_all_other_stages_are_those_of_the_reference_stack():
    changed = [
        one.name
        for one, other in zip(reference_pipeline(briefing()), blind_to_vru(briefing()), strict=True)
        if type(one.step) is not type(other.step)
    ]
    assert changed == ["camera_objects", "risk"]

"""Buses, motorcycles, cones, debris and long trucks: placed by a scenario file, seen, met in a run."""

import numpy as np
import pytest

from scenarios.assembly import RunRequest, prepare
from scenarios.prepared import prepare_scenario
from sim.layout import Behaviour
from sim.truth import EGO, SPEED, ActorKind, Contact, X
from stack.vocabulary import InputError, ObjectClass, topics

TEXT = """\
title: One thing ahead
why: {risk: a crash, source: own}
kind: must_brake
map: motorway
ego: {vehicle: VEHICLE, lane: {road: 1, lane: -3, s_m: 100}, speed_kmh: 54}
actors:
  - {name: thing, kind: KIND, placement: {at: ahead_of_ego, gap_m: GAP}MORE}
ends: {when: at_time, at_s: END}
limit_s: 20
criteria: [{no_contact: true, clause: c, source: s, certainty: own}]
"""
NEW_KINDS = (ActorKind.BUS, ActorKind.MOTORCYCLE, ActorKind.CONE, ActorKind.DEBRIS)


def scenario(folder, kind, more="", vehicle="truck_n3_rigid", end_s=3, gap_m=36):
    word = kind.name.lower()
    text = TEXT.replace("KIND", word).replace("MORE", more).replace("VEHICLE", vehicle)
    text = text.replace("END", str(end_s)).replace("GAP", str(gap_m))
    path = folder / f"{word}.yaml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def thing(folder, kind, more=""):
    return prepare_scenario(scenario(folder, kind, more)).layout.actors[1]


def played(path, stack="never_brake"):
    return prepare(RunRequest(scenario=path, stack=stack)).play().record


def contacts(record):
    return [event for event in record.events if isinstance(event, Contact)]


@pytest.mark.parametrize("kind", NEW_KINDS)
def test_each_new_kind_stands_where_the_file_says_with_its_usual_box(tmp_path, kind):
    plan = thing(tmp_path, kind)
    assert plan.kind is kind
    assert plan.behaviour is Behaviour.STATIC
    assert min(plan.size_m) > 0.0
    assert plan.mass_kg == {"BUS": 15250.0, "MOTORCYCLE": 290.0, "CONE": 5.0, "DEBRIS": 15.0}[kind.name]


def test_a_long_truck_is_a_tractor_with_its_trailer_and_weighs_as_one(tmp_path):
    assert thing(tmp_path, ActorKind.TRUCK, ", size_m: [16.5, 2.55, 3.7]").mass_kg == 40_000.0
    assert thing(tmp_path, ActorKind.TRUCK, ", size_m: [12, 2.55, 3.7]").mass_kg == 26_000.0
    assert thing(tmp_path, ActorKind.BUS, ", size_m: [18, 2.55, 2.8]").mass_kg == 15_250.0


@pytest.mark.parametrize("kind", NEW_KINDS)
def test_an_unbraked_truck_runs_into_each_of_them_and_feels_its_mass(tmp_path, kind):
    record = played(scenario(tmp_path, kind))
    (contact,) = contacts(record)
    assert {contact.first, contact.second} == {"ego", "thing"}
    mass_kg = float(record.roster.mass_kg[1])
    share = mass_kg / (mass_kg + float(record.roster.mass_kg[EGO]))
    assert contact.relative_speed_mps == pytest.approx(15.0, abs=0.1)
    assert contact.delta_v_mps == pytest.approx(share * contact.relative_speed_mps)


def test_what_is_lower_than_a_kerb_step_is_rolled_over(tmp_path):
    assert contacts(played(scenario(tmp_path, ActorKind.DEBRIS, ", size_m: [1.0, 0.8, 0.04]"))) == []


def payloads(record, topic):
    return [message.payload for message in record.sensed if message.topic == topic]


@pytest.mark.parametrize("kind", NEW_KINDS)
def test_each_is_seen_by_camera_and_radar_cones_and_debris_without_a_name(tmp_path, kind):
    record = played(scenario(tmp_path, kind, end_s=2.2))
    seen = [one for frame in payloads(record, topics.CAMERA) for one in frame.objects]
    named = ObjectClass.VEHICLE if kind in (ActorKind.BUS, ActorKind.MOTORCYCLE) else ObjectClass.UNKNOWN
    assert [one.object_class for one in seen].count(named) > 0.5 * len(seen) > 0
    near = [echo for scan in payloads(record, topics.RADAR) for echo in scan.detections if abs(echo.azimuth_rad) < 0.05]
    assert near, "the radar heard nothing ahead"
    if kind is ActorKind.BUS:
        assert max(echo.rcs_dbsm for echo in near) > 5.0


def test_a_truck_brakes_for_a_bus_and_for_a_motorcycle(tmp_path):
    for kind in (ActorKind.BUS, ActorKind.MOTORCYCLE):
        record = played(scenario(tmp_path, kind, end_s=9, gap_m=75), stack="reference")
        assert record.truth[:, EGO, SPEED].min() < 2.0
        assert contacts(record) == []


def test_a_reactive_bus_follows_its_lane_and_gathers_speed(tmp_path):
    more = ", behaviour: reactive, speed_kmh: 36, desired_speed_kmh: 60"
    record = played(scenario(tmp_path, ActorKind.BUS, more, end_s=4))
    assert record.truth[-1, 1, SPEED] > record.truth[0, 1, SPEED] + 1.0
    assert np.hypot(*(record.truth[-1, 1, X : X + 2] - record.truth[0, 1, X : X + 2])) > 40.0


@pytest.mark.parametrize("kind", [ActorKind.MOTORCYCLE, ActorKind.CONE, ActorKind.DEBRIS])
def test_what_no_vehicle_file_moves_is_not_reactive(tmp_path, kind):
    with pytest.raises(InputError, match="car, van, truck or bus"):
        prepare_scenario(scenario(tmp_path, kind, ", behaviour: reactive, speed_kmh: 40"))


def test_an_ego_bus_is_a_bus_and_drives(tmp_path):
    record = played(scenario(tmp_path, ActorKind.CAR, vehicle="bus_m3"))
    assert record.roster.kinds[EGO] is ActorKind.BUS
    assert record.roster.size_m[EGO].tolist() == [12.0, 2.55, 2.75]
    assert len(contacts(record)) == 1


def test_a_motorcycle_may_follow_a_script(tmp_path):
    more = ", behaviour: scripted, speed_kmh: 54, manoeuvres: [{at_s: 1, set_speed_kmh: 36, rate_mps2: 5}]"
    record = played(scenario(tmp_path, ActorKind.MOTORCYCLE, more))
    assert record.truth[-1, 1, SPEED] == pytest.approx(10.0, abs=0.01)

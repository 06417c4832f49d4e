"""The ego against another actor, read from truth."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.encounters import (
    ego_contact,
    encounter,
    nearest_actor,
    row_of,
    samples_until_contact,
    struck_by_ego,
)
from sim.truth import EGO, SPEED, ActorKind, Contact
from stack.vocabulary import InputError, SimNs
from tests.analysis.records import KMH, build


def test_gap_and_closing_speed_at_the_start_are_those_of_the_drive():
    meeting = encounter(build(gap_m=120.0, target_speed_mps=5.0), "lead")
    assert meeting.gap_m[0] == pytest.approx(120.0)
    assert meeting.ahead_m[0] == pytest.approx(120.0)
    assert meeting.closing_mps[0] == pytest.approx(80.0 * KMH - 5.0)
    assert meeting.in_path.all()


def test_ttc_falls_second_by_second_while_nobody_brakes():
    meeting = encounter(build(), "lead")
    ttc = meeting.time_to_collision().values
    assert ttc[0] == pytest.approx(7.0)
    assert ttc[200] == pytest.approx(5.0)


def test_a_neighbour_lane_gives_a_gap_but_no_ttc_in_the_path():
    meeting = encounter(build(target_y_m=3.5, brake_s=-1.0, warn_s=-1.0), "lead")
    assert not meeting.in_path.any()
    assert not meeting.time_to_collision().valid.any()
    assert meeting.time_to_collision(in_path_only=False).valid[0]
    assert meeting.gap_m.min() == pytest.approx(3.5 - 0.5 * (2.5 + 1.8))


def test_a_crossing_target_enters_the_path_when_its_edge_does():
    record = build(target_kind=ActorKind.ADULT, target_y_m=-6.0, target_lateral_mps=1.5, brake_s=-1.0)
    meeting = encounter(record, "lead")
    first = int(np.argmax(meeting.in_path))
    # its near edge starts 5.75 m to the right and the ego's side is at 1.25 m: 4.5 m at 1.5 m/s
    assert record.truth_at[first] * 1e-9 == pytest.approx(3.0, abs=0.02)


def test_required_deceleration_and_headway_follow_from_speed_and_gap():
    meeting = encounter(build(), "lead")
    speed, gap = 80.0 * KMH, 80.0 * KMH * 7.0
    assert meeting.required_deceleration().values[0] == pytest.approx(speed**2 / (2 * gap))
    assert meeting.deceleration_to_avoid_crash().values[0] == pytest.approx(speed**2 / (2 * gap))
    assert meeting.time_headway().values[0] == pytest.approx(7.0)


def test_braking_raises_mttc_above_ttc():
    meeting = encounter(build(), "lead")
    braking = meeting.ego_acceleration_mps2 < -1.0
    ttc, mttc = meeting.time_to_collision().values[braking], meeting.modified_time_to_collision().values[braking]
    assert (mttc >= ttc).all()


def test_samples_end_before_contact():
    record = build(brake_s=-1.0)
    contact = ego_contact(record)
    assert contact is not None
    assert record.truth_at[samples_until_contact(record) - 1] < contact.at
    assert encounter(record, "lead").at_ns[-1] < contact.at
    assert (encounter(record, "lead").gap_m > 0.0).all()


def test_without_contact_every_sample_counts():
    record = build()
    assert ego_contact(record) is None
    assert samples_until_contact(record) == record.truth_at.size


def test_contacts_of_others_are_not_the_egos():
    crash = Contact(at=SimNs(0), first="lead", second="parked_0", x_m=0, y_m=0, relative_speed_mps=3.0, delta_v_mps=1.0)
    assert ego_contact(build(more_events=(crash,))) is None


def test_the_other_party_is_found_whichever_is_named_first():
    record = build(brake_s=-1.0)
    contact = ego_contact(record)
    turned = Contact(at=contact.at, first="lead", second="ego", x_m=0, y_m=0, relative_speed_mps=3.0, delta_v_mps=1.0)
    assert struck_by_ego(record, contact) == struck_by_ego(record, turned) == 1


def test_an_unknown_actor_is_refused_with_the_names_there_are():
    with pytest.raises(InputError, match="no actor 'laed'; there are: ego, lead"):
        row_of(build(), "laed")


def test_the_nearest_actor_is_told_by_outlines_not_centres():
    record = build(target_y_m=5.0, brake_s=-1.0, bystanders=((80.0, -4.0), (400.0, 0.0)), limit_s=6.0)
    assert nearest_actor(record) == "parked_0"


def test_alone_on_the_road_there_is_no_nearest_actor():
    from dataclasses import replace

    record = build()
    roster = replace(record.roster, names=("ego",), kinds=record.roster.kinds[:1], size_m=record.roster.size_m[:1])
    assert nearest_actor(replace(record, roster=roster, truth=record.truth[:, :1])) == ""


def test_speeds_are_those_of_truth():
    record = build()
    assert np.array_equal(encounter(record, "lead").ego_speed_mps, record.truth[:, EGO, SPEED])


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.floats(0.0, 200.0), st.floats(-12.0, 12.0)), min_size=1, max_size=5))
def test_the_nearest_actor_is_the_one_a_full_search_finds(bystanders):
    record = build(target_y_m=11.0, brake_s=-1.0, limit_s=4.0, bystanders=tuple(bystanders))
    gaps = {name: encounter(record, name).gap_m.min() for name in record.roster.names[1:]}
    assert gaps[nearest_actor(record)] == min(gaps.values())


def test_around_an_instant_the_encounter_is_the_same_on_fewer_samples():
    record = build()
    whole, part = encounter(record, "lead"), encounter(record, "lead", around=SimNs(2_005_000_000))
    assert part.at_ns.tolist() == [2_000_000_000, 2_010_000_000]
    assert part.gap_m.tolist() == whole.gap_m[200:202].tolist()
    assert encounter(record, "lead", around=SimNs(10**12)).at_ns.tolist() == [record.ended_at]

"""Watching a run: the right instants, boxes on whom they are about, and a panel that tells what happened."""

import numpy as np
import pytest

from analysis.interventions import intervention
from analysis.plots.overlay import MEANINGS
from scenarios.maps import load_map
from scenarios.viewing.beliefs import Surroundings, believed, track_marks, truth_marks
from scenarios.viewing.shots import Theatre
from scenarios.viewing.story import AT_REST_MPS, Story, spells_of
from scenarios.viewing.watching import Film, Watching, filmed, instants_of
from sim.truth import EGO, SPEED
from stack.vocabulary import InputError, SimNs, ns_from_s, topics
from tests.analysis.records import build
from tests.scenarios.viewing.plays import CAR, CHILD, SMALL, run_of

av = pytest.importorskip("av")


# -- how it is to be shown --------------------------------------------------------------------------


def test_everything_wrong_with_a_wish_is_said_at_once():
    wish = Watching(width_px=1281, height_px=20, rate_hz=0, view="drone", codec="h264")
    with pytest.raises(InputError) as refused:
        wish.checked()
    assert [finding.where for finding in refused.value.findings] == ["--size", "--size", "--rate", "--view", "--codec"]


@pytest.mark.parametrize("rate_hz", [1, 3, 20, 30, 100])
def test_frames_come_at_their_rate_and_end_with_the_run(rate_hz):
    record = build()
    instants = instants_of(record, rate_hz)
    assert instants[0] == 0
    assert instants[-1] == record.ended_at
    steps = np.diff(instants)
    assert np.abs(steps[:-1] - 1e9 / rate_hz).max() <= 1.0
    assert 0 < steps[-1] <= 1e9 / rate_hz + 1.0


# -- boxes ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("scenario", "at_s"), [(CAR, 4.0), (CAR, 5.5), (CHILD, 5.0), (CHILD, 6.5)])
@pytest.mark.parametrize("view", ["dash", "chase"])
def test_the_box_of_a_track_lies_on_the_actor_it_is_about(scenario, at_s, view):
    prepared, record, heard = run_of(scenario)
    theatre = Theatre(prepared, record, size_px=(640, 360), view=view)
    at = ns_from_s(at_s)
    shot = theatre.shot(at)
    (seen,) = truth_marks(theatre, shot)
    tracks = track_marks(theatre, heard, shot, at)
    nearest = min(tracks, key=lambda mark: abs(mark.left + mark.right - seen.left - seen.right))
    middle_u, foot_v = 0.5 * (nearest.left + nearest.right), nearest.bottom
    width = seen.right - seen.left
    assert seen.left - 0.3 * width - 2 <= middle_u <= seen.right + 0.3 * width + 2
    assert abs(foot_v - seen.bottom) <= 0.2 * (seen.bottom - seen.top) + 4


def test_what_the_stack_fears_is_marked_as_danger_and_named_last_so_that_it_lies_on_top():
    prepared, record, heard = run_of(CAR)
    theatre = Theatre(prepared, record, size_px=SMALL)
    braked_at = intervention(record).emergency.applied_at
    marks = track_marks(theatre, heard, theatre.shot(braked_at), braked_at)
    assert marks[-1].meaning == "danger"
    assert "TTC" in marks[-1].label


def test_a_belief_that_is_no_longer_renewed_is_not_drawn():
    _, record, heard = run_of(CAR)
    last = heard.latest(topics.TRACKS, record.ended_at)
    assert believed(heard, last.published_at)[0] is not None
    assert believed(heard, SimNs(last.payload.as_of + 1_100_000_000))[0] is None


def test_the_small_map_has_the_ego_before_its_front_edge_and_the_target_at_its_distance():
    prepared, record, heard = run_of(CAR)
    theatre = Theatre(prepared, record, size_px=SMALL)
    frame = theatre.frame(ns_from_s(5.0))
    bird = Surroundings(load_map(prepared.placed.layout.map_name)).bird(theatre, heard, frame, ns_from_s(5.0))
    ego, target = bird.there
    assert ego[:, 0].max() == pytest.approx(0.0, abs=1e-6)
    assert ego[:, 0].min() == pytest.approx(-float(record.roster.size_m[EGO, 0]))
    assert bird.lanes
    blob = min(bird.believed, key=lambda one: abs(one.x_m - target[:, 0].min()))
    assert (blob.x_m, blob.y_m) == pytest.approx((target[:, 0].min(), target[:, 1].mean()), abs=1.5)


# -- the panel --------------------------------------------------------------------------------------


def message_at(record, at_s):
    at = ns_from_s(at_s)
    return next((one.text for one in spells_of(record) if one.begin <= at < one.end), "")


def test_the_message_follows_what_happened():
    record = build(warn_s=3.5, brake_s=4.5, demand_mps2=6.0)
    assert message_at(record, 3.4) == ""
    assert message_at(record, 3.6) == "COLLISION WARNING"
    assert message_at(record, 4.6) == "EMERGENCY BRAKING"


def test_slight_braking_is_not_called_an_emergency():
    assert message_at(build(warn_s=-1.0, demand_mps2=2.0), 5.0) == "BRAKING"


def test_a_contact_stands_above_all_and_tells_its_speed():
    record = build(warn_s=-1.0, brake_s=-1.0)
    assert message_at(record, record.ended_at / 1e9) == "CONTACT at 80 km/h"


def test_commands_that_are_lost_are_told():
    assert message_at(build(warn_s=-1.0, brake_s=-1.0, deadman_s=(3.0,)), 3.5) == "COMMANDS LOST, BRAKES HELD"


def test_the_panel_names_the_fault_while_it_acts_and_the_mode_it_led_to():
    prepared, record, heard = run_of(CAR, faults=("camera_freezes",))
    story = Story(record, heard, 6.0)
    theatre = Theatre(prepared, record, size_px=SMALL)

    def panel(at_s):
        return story.panel(theatre.frame(ns_from_s(at_s)), ns_from_s(at_s), None)

    assert (panel(1.9).faults, panel(1.9).mode, panel(1.9).mode_meaning) == ((), "nominal", "good")
    assert (panel(3.0).faults, panel(3.0).mode) == (("camera_freezes",), "radar only")
    assert panel(3.0).mode_meaning == "hazard"
    ((begin, end, _),) = panel(3.0).strip.windows
    assert (begin, end) == pytest.approx((2e9 / record.ended_at, 8e9 / record.ended_at), abs=1e-3)


def test_the_figures_are_those_of_the_run():
    prepared, record, heard = run_of(CAR)
    theatre = Theatre(prepared, record, size_px=SMALL)
    braked_at = intervention(record).emergency.applied_at
    at = SimNs(braked_at + 500_000_000)
    panel = Story(record, heard, 6.0).panel(theatre.frame(at), at, None)
    told = {entry.name.partition(",")[0]: entry for entry in panel.entries}
    request = heard.latest(topics.BRAKE_REQUEST, at)
    assert told["seen to decided"].value == f"{(request.published_at - request.true_at) / 1e6:.0f} ms"
    assert told["braking"].gauge.notch == pytest.approx(request.payload.demand_mps2 / 6.0)
    assert 0.3 < told["braking"].gauge.share <= 1.1
    assert panel.message == "EMERGENCY BRAKING"
    first = Story(record, heard, 6.0).panel(theatre.frame(SimNs(0)), SimNs(0), None)
    assert first.entries[0].value == "80 km/h"


def test_once_it_stands_the_panel_says_so():
    prepared, record, heard = run_of(CAR)
    story, theatre = Story(record, heard, 6.0), Theatre(prepared, record, size_px=SMALL)
    standing = np.flatnonzero(np.abs(record.truth[:, EGO, SPEED]) < AT_REST_MPS)
    over = max((spell.end for spell in spells_of(record)), default=SimNs(0))
    at = SimNs(max(int(record.truth_at[standing[0]]), int(over)))
    if at > record.ended_at:
        assert message_at(record, record.ended_at / 1e9) in ("EMERGENCY BRAKING", "BRAKING")
        return
    assert story.panel(theatre.frame(at), at, None).message == "AT REST"


# -- the video --------------------------------------------------------------------------------------


def test_a_film_has_every_frame_and_shows_a_fault_in_its_window(tmp_path):
    prepared, record, heard = run_of(CAR, faults=("camera_goes_black",), limit_s=3.0)
    how = Watching(width_px=160, height_px=90, rate_hz=10)
    told = []
    count = filmed(prepared, record, heard, tmp_path / "a.webm", how, lambda done, of: told.append((done, of)))
    assert told == [(number + 1, count) for number in range(count)]
    with av.open(str(tmp_path / "a.webm")) as found:
        images = [frame.to_ndarray(format="rgb24") for frame in found.decode(video=0)]
    assert len(images) == count == len(instants_of(record, 10)) == 31
    middle = [float(image[60:76, 5:150].mean()) for image in images]
    assert min(middle[:20]) > 60.0
    assert max(middle[21:]) < 30.0


def test_a_frozen_picture_stands_still_in_the_film_while_the_clock_goes_on():
    prepared, record, heard = run_of(CHILD, faults=("camera_image_freezes",), rig="dash_cam", limit_s=4.0)
    film = Film(prepared, record, heard, Watching(width_px=160, height_px=90))
    one, two = film.picture(ns_from_s(2.6)), film.picture(ns_from_s(3.4))
    road = np.s_[60:74, :100]  # below every plate
    assert (one[road] == two[road]).all()
    assert (one[:24] != two[:24]).any()


def test_a_film_goes_on_where_pictures_begin_to_come_late():
    prepared, record, heard = run_of(CHILD, faults=("camera_image_comes_late",), rig="dash_cam", limit_s=3.0)
    film = Film(prepared, record, heard, Watching(width_px=160, height_px=90))
    roads = [film.picture(at)[60:74, :100] for at in instants_of(record, 20)]  # below every plate
    still = [number for number, pair in enumerate(zip(roads, roads[1:], strict=False)) if (pair[0] == pair[1]).all()]
    assert still == [40, 41, 42]  # from 2 s on: until the first late one comes, 0.2 s old; then one after the other


def test_a_run_at_work_has_its_colours_in_the_picture():
    prepared, record, heard = run_of(CAR)
    film = Film(prepared, record, heard, Watching(width_px=320, height_px=180))
    image = film.picture(SimNs(intervention(record).emergency.applied_at)).astype(int)
    assert (np.abs(image - MEANINGS["danger"]).max(axis=2) < 14).sum() > 500

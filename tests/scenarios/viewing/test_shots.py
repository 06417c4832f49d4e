"""Pictures of a finished run: of the right size, through the right eye, with faults when they acted."""

from dataclasses import replace

import numpy as np
import pytest

from scenarios.rig_files import RawSensor
from scenarios.viewing.heard import Wire
from scenarios.viewing.shots import Theatre, at_size, looking, scaled
from sim.camera.lens import Lens
from sim.camera.parameters import PixelCameraParameters
from sim.mount import Mount
from sim.truth import EGO
from stack.vocabulary import ImageCoding, InputError, SimNs, ns_from_s, topics
from tests.scenarios.viewing.plays import CAR, CHILD, SMALL, run_of

DIRT = "camera_lens_is_dirty"  # from 2 s to 8 s


def theatre(*, faults=(), weather="day", scenario=CAR, spoilt=True, **how):
    prepared, record, _ = run_of(scenario, weather, faults)
    return Theatre(prepared, record, size_px=SMALL, faults=spoilt, **how)


def test_a_picture_has_the_size_asked_for_and_is_the_same_again():
    one, two = (theatre().settled(ns_from_s(3.0)).image for _ in range(2))
    assert one.shape == (90, 160, 3)
    assert (one == two).all()


def test_another_size_keeps_the_angle_of_view():
    lens = scaled(Lens(k1=-0.1), 1280, 720)
    assert (lens.focal_x_px, lens.centre_x_px, lens.centre_y_px, lens.k1) == (1200.0, 640.0, 360.0, -0.1)
    tall = scaled(Lens(centre_y_px=200.0), 320, 320)
    assert (tall.focal_x_px, tall.centre_y_px) == (300.0, 170.0)


def test_people_get_plain_colours_whatever_the_camera_codes():
    parameters = at_size(PixelCameraParameters(mosaic=True, coding=ImageCoding.JPEG), (320, 180))
    assert (parameters.mosaic, parameters.coding, parameters.lens.width_px) == (False, ImageCoding.RGB8, 320)


def test_the_runs_own_camera_is_looked_through_if_it_has_one():
    prepared, _, _ = run_of()
    own = RawSensor(
        topic=topics.CAMERA_IMAGE, rate_hz=20.0, mount=Mount(x_m=-1.0, y_m=0.5, z_m=1.4, yaw_rad=0.0),
        parameters=PixelCameraParameters(lens=Lens(focal_x_px=300.0, focal_y_px=300.0)),
    )  # fmt: skip
    seen = looking(replace(prepared, rig=(own,)), "dash", (1280, 720))
    assert seen.mount == own.mount
    assert seen.parameters.lens.focal_x_px == 600.0
    assert looking(replace(prepared, rig=(own,)), "chase", (1280, 720)).mount != own.mount


def test_the_ego_is_seen_from_behind_and_not_by_its_own_camera():
    at = ns_from_s(3.0)
    assert EGO not in theatre().shot(at).picture.instance
    assert (theatre(view="chase").shot(at).picture.instance == EGO).mean() > 0.01


def test_a_fault_is_in_the_picture_in_its_window_only():
    clean, dirty = theatre(faults=(DIRT,), spoilt=False), theatre(faults=(DIRT,))
    for at_s, acts in ((1.5, False), (3.0, True)):
        one, other = clean.settled(ns_from_s(at_s)).image, dirty.settled(ns_from_s(at_s)).image
        assert (one != other).any() == acts


def test_bit_errors_on_the_cameras_line_are_in_the_picture():
    at = ns_from_s(3.0)
    flipped = theatre(faults=("camera_line_flips_bits",)).settled(at).image
    clean = theatre().settled(at).image
    assert 1 <= np.count_nonzero((flipped != clean).any(axis=2)) <= 20


def test_a_theatre_beside_another_draws_the_same_picture():
    prepared, record, _ = run_of()
    first = Theatre(prepared, record, size_px=SMALL)
    second = Theatre(prepared, record, size_px=SMALL, beside=first)
    first.shot(ns_from_s(1.0))
    assert (second.settled(ns_from_s(3.0)).image == theatre().settled(ns_from_s(3.0)).image).all()


def test_after_the_end_the_last_instant_is_shown():
    place = theatre()
    assert place.frame(ns_from_s(1e4)).at == place.record.truth_at[-1]


def test_an_unknown_view_is_refused():
    with pytest.raises(InputError, match="dash, chase"):
        theatre(view="drone")


def test_while_pictures_freeze_the_one_shown_is_the_last_before_the_onset():
    prepared, record, heard = run_of(CHILD, faults=("camera_image_freezes",), rig="dash_cam", limit_s=4.0)
    wire = Wire(prepared, record, heard)
    assert wire.shown_at(ns_from_s(1.5)) == ns_from_s(1.5)
    held = {wire.shown_at(ns_from_s(at_s)) for at_s in (2.5, 3.0, 3.9)}
    assert len(held) == 1
    assert ns_from_s(1.85) < held.pop() <= ns_from_s(2.0)


def test_late_pictures_are_shown_late():
    prepared, record, heard = run_of(CHILD, faults=("camera_image_comes_late",), rig="dash_cam", limit_s=4.0)
    wire = Wire(prepared, record, heard)
    ages_ns = [at - wire.shown_at(SimNs(at)) for at in range(ns_from_s(2.5), ns_from_s(3.5), 10_000_000)]
    assert min(ages_ns) > 150_000_000
    assert max(ages_ns) < 260_000_000


def test_a_run_without_raw_camera_shows_the_present():
    prepared, record, heard = run_of(CAR, faults=(DIRT,))
    assert Wire(prepared, record, heard).shown_at(ns_from_s(3.0)) == ns_from_s(3.0)

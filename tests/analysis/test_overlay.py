"""Drawing on pictures: what is drawn lies where it should, fits, and says the same in grey."""

import numpy as np
import pytest

from analysis.plots import birdseye, letters, overlay
from analysis.plots.birdseye import Bird, Blob, draw_bird, seen_from_above
from analysis.plots.overlay import MEANINGS, BoxMark, Entry, Gauge, Panel, Strip, labelled, overlaid

SIZES = [(1920, 1080), (1280, 720), (960, 540), (640, 360), (320, 180), (160, 90), (64, 64), (64, 4096), (4096, 64)]
ENTRIES = tuple(Entry(name=f"a figure of some length {n}", value="123.4 m/s²", short="short",
                      gauge=Gauge(share=0.4, meaning="hazard", notch=0.8)) for n in range(6))  # fmt: skip


def grey(width=320, height=180, level=90):
    return np.full((height, width, 3), level, dtype=np.uint8)


def square(x_m, y_m):
    return np.array([(x_m, y_m), (x_m, y_m - 2.0), (x_m - 4.0, y_m - 2.0), (x_m - 4.0, y_m)])


def panel(**changes):
    bird = Bird(lanes=(square(60.0, 2.0),), there=(square(0.0, 1.0), square(30.0, 1.0)), believed=())
    told = {
        "title": "a_scenario_with_a_long_name+a_fault_with_a_longer_name+another_one#12345@workstation",
        "clock": "123.45 s", "mode": "minimal risk", "mode_meaning": "danger", "entries": ENTRIES,
        "message": "EMERGENCY BRAKING", "message_meaning": "danger",
        "faults": ("camera_window_is_scratched", "commands_corrupt_while_braking"),
        "strip": Strip(now=0.5, windows=((0.2, 0.6, "f"),), events=((0.3, "hazard"), (0.4, "danger"))), "bird": bird,
    }  # fmt: skip
    return Panel(**(told | changes))


def box(left, top, right, bottom, meaning="track", label="", **more):
    return BoxMark(left=left, top=top, right=right, bottom=bottom, label=label, meaning=meaning, **more)


# -- letters --------------------------------------------------------------------------------------


def test_text_stays_within_its_width_and_above_its_base_line():
    image = grey(level=0)
    letters.write(image, "1234", (40, 60), 20, (255, 255, 255))
    rows, columns = np.nonzero(image.any(axis=2))
    assert columns.min() >= 40 and columns.max() <= 40 + letters.width_px("1234", 20)
    assert rows.max() <= 60
    assert abs((rows.max() - rows.min()) - letters.cap_px(20)) <= 2


def test_running_figures_stand_still():
    assert {letters.width_px(f"{digit}{digit}.{digit}", 20, bold=True) for digit in range(10)} == {
        letters.width_px("00.0", 20, bold=True)
    }


def test_text_beyond_the_edges_is_cut_off_and_nothing_breaks():
    partly = ((-30, 20), (310, 20))
    for at in (*partly, (20, -5), (20, 400), (-500, -500)):
        image, larger = grey(), grey(320 + 1200, 180 + 1200)
        letters.write(image, "over the edge", at, 18, (255, 0, 0))
        letters.write(larger, "over the edge", (at[0] + 600, at[1] + 600), 18, (255, 0, 0))
        assert (image != 90).any() == (at in partly)
        assert (image == larger[600:780, 600:920]).all()


def test_a_text_too_long_ends_in_an_ellipsis_and_fits():
    short = letters.fitted("camera_window_is_scratched", 16, 90)
    assert short.endswith("…")
    assert letters.width_px(short, 16) <= 90
    assert letters.fitted("fits", 16, 90) == "fits"
    assert letters.fitted("none", 16, 3) == ""


def test_a_plate_darkens_its_middle_and_leaves_its_round_corners():
    image = grey()
    letters.plate(image, (20, 20, 80, 60), letters.DARK, 1.0, radius=12)
    assert tuple(image[40, 50]) == letters.DARK
    assert tuple(image[20, 20]) == (90, 90, 90)
    assert tuple(image[40, 19]) == tuple(image[40, 80]) == (90, 90, 90)


# -- boxes ----------------------------------------------------------------------------------------


def test_the_picture_itself_is_not_drawn_on():
    image = grey()
    overlaid(image, (box(50, 50, 100, 100, "danger", "pedestrian"),), panel())
    assert (image == 90).all()


def test_a_box_is_drawn_at_its_edges_and_not_inside():
    drawn = overlaid(grey(1280, 720), (box(600, 300, 800, 500, "danger"),), None)
    assert np.abs(drawn[400, 600].astype(int) - MEANINGS["danger"]).max() <= 6
    assert np.abs(drawn[300, 700].astype(int) - MEANINGS["danger"]).max() <= 6
    assert tuple(drawn[400, 700]) == (90, 90, 90)


def test_each_meaning_has_a_brightness_of_its_own():
    luma = sorted(float(np.dot((0.299, 0.587, 0.114), colour)) for colour in MEANINGS.values())
    assert min(np.diff(luma)) > 10.0


def test_words_of_neighbours_do_not_lie_over_each_other_and_a_crowd_is_cut_down(monkeypatch):
    plates = []
    monkeypatch.setattr(overlay, "plate", lambda image, place, *more, **named: plates.append(place))
    crowd = tuple(box(300 + 5 * n, 300, 340 + 5 * n, 340, "hazard", f"vehicle {n} m TTC 4.0 s") for n in range(20))
    overlaid(grey(1280, 720), crowd, None)
    assert 1 <= len(plates) <= overlay.MOST_LABELS
    for index, (left, top, right, bottom) in enumerate(plates):
        for other in plates[index + 1 :]:
            assert right <= other[0] or other[2] <= left or bottom <= other[1] or other[3] <= top


def test_the_most_urgent_is_named_first(monkeypatch):
    said = []
    monkeypatch.setattr(overlay, "_write", lambda image, text, *more, **named: said.append(text))
    marks = [box(100, 100, 150, 150, "track", f"track {n}") for n in range(9)]
    overlaid(grey(1280, 720), (*marks, box(600, 300, 700, 400, "danger", "child")), None)
    assert said[0] == "child"


def test_boxes_far_outside_the_picture_do_no_harm():
    for far, words in (((-1e9, -1e9, 1e9, 1e9, "danger"), "all round"), ((-90, 20, -50, 40, "track"), "left")):
        assert (overlaid(grey(), (box(*far),), None) == 90).all()
        _, columns, _ = np.nonzero(overlaid(grey(), (box(*far, words),), None) != 90)
        assert columns.min() > 0 and columns.max() < letters.width_px(words, 9, bold=True) + 20  # whole, at the edge


# -- the panel ------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_nothing_written_runs_out_of_the_picture_or_into_its_neighbour(monkeypatch, size):
    written = []

    def noted(image, text, at, size_px, colour, *, bold=False):
        if image.shape[1] == size[0] and text:
            written.append(
                (at[0], at[1] - letters.cap_px(size_px), at[0] + letters.width_px(text, size_px, bold=bold), at[1])
            )

    monkeypatch.setattr(overlay, "_write", noted)
    monkeypatch.setattr(letters, "write", noted)
    monkeypatch.setattr(birdseye, "write", lambda *given, **named: None)
    drawn = overlaid(grey(*size), (), panel())
    assert drawn.shape == (size[1], size[0], 3)
    if size[0] < 320 or size[1] < 180:
        return  # hardly room for a word
    assert len(written) >= 6
    for index, (left, top, right, bottom) in enumerate(written):
        assert left >= 0 and right <= size[0] and top >= 0 and bottom <= size[1]
        for other in written[index + 1 :]:
            assert right <= other[0] or other[2] <= left or bottom <= other[1] or other[3] <= top


def test_the_strip_shows_where_the_run_is_and_where_a_fault_acts():
    drawn = overlaid(grey(1280, 720), (), panel(entries=(), bird=None))
    row = drawn[720 - 12].astype(int)
    now = np.flatnonzero((row > 225).all(axis=1))
    assert now.size and abs(now.mean() - 640) < 3
    faulty = np.abs(row - MEANINGS["fault"]).max(axis=1) < 12
    span = 1280 - 28
    assert faulty[14 + round(0.21 * span) : 14 + round(0.28 * span)].mean() > 0.5
    assert not faulty[: 14 + round(0.19 * span)].any()
    assert not faulty[14 + round(0.62 * span) :].any()


def test_a_gauge_is_as_full_as_its_share():
    def filled(share):
        entry = Entry(name="risk", value="1", gauge=Gauge(share=share, meaning="hazard"))
        drawn = overlaid(grey(1280, 720), (), panel(entries=(entry,), bird=None, strip=None, message="", faults=()))
        return int((np.abs(drawn[600:].astype(int) - MEANINGS["hazard"]).max(axis=2) < 4).sum())

    assert filled(0.0) == 0
    assert filled(0.5) == pytest.approx(0.5 * filled(1.0), rel=0.05)
    assert filled(7.0) == filled(1.0)


def test_a_caption_lies_in_the_lower_left_and_fits():
    drawn = labelled(
        grey(480, 270), "8.43 s  emergency braking applied, a caption that is far too long for this picture"
    )
    changed = np.argwhere((drawn != 90).any(axis=2))
    assert changed[:, 0].min() > 200
    assert changed[:, 1].max() < 480 - 4


# -- from above -----------------------------------------------------------------------------------


def test_the_small_map_puts_a_track_where_it_is_believed_to_be():
    image = grey(400, 400)
    blob = Blob(x_m=30.0, y_m=10.0, vx_mps=0.0, vy_mps=0.0, colour=(1, 254, 3))
    draw_bird(image, (100, 100, 280, 340), Bird(lanes=(), there=(square(0.0, 1.0),), believed=(blob,)), 1.0)
    rows, columns = np.nonzero(np.abs(image.astype(int) - (1, 254, 3)).max(axis=2) < 60)
    scale = 220 / (birdseye.AHEAD_M + birdseye.BEHIND_M)
    assert columns.mean() == pytest.approx(100 + 90 - 10.0 * scale, abs=1.5)
    assert rows.mean() == pytest.approx(100 + 220 - (birdseye.BEHIND_M + 30.0) * scale, abs=1.5)


def test_a_cloud_shows_what_is_ahead_above_and_what_is_left_on_the_left():
    points = np.array([(20.0, 0.0, 1.0, 0.5), (0.0, 15.0, -3.0, 0.5)], dtype=np.float32)
    empty, shown = (seen_from_above(cloud, (400, 300), 40.0) for cloud in (points[:0], points))
    spots = np.argwhere((empty != shown).any(axis=2)).astype(float)
    scale = 300 / 60.0
    ahead, left = spots[spots[:, 1] > 190].mean(axis=0), spots[spots[:, 1] < 190].mean(axis=0)
    assert ahead == pytest.approx((300 - 16.0 * scale - 20.0 * scale, 200), abs=1.5)
    assert left == pytest.approx((300 - 16.0 * scale, 200 - 15.0 * scale), abs=1.5)

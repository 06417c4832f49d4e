"""The gallery's page: every exhibit with its words, and nothing loaded from anywhere."""

import re

from analysis.gallery import Exhibit, Hall, render_gallery
from analysis.plots.readings import readings_plot

PIXEL = "data:image/webp;base64,AAAA"
HALLS = (
    Hall(anchor="map-0", title="Motorway", says="in every weather", exhibits=(
        Exhibit(title="night <rain>", says="rain & dark", source=PIXEL, command="faultline render a --at 3"),)),
    Hall(anchor="faults", title="Faults", says="with and without", exhibits=(
        Exhibit(title="camera_goes_dark", says="nothing any more", source=PIXEL, beside=PIXEL + "B",
                severity="blocked_ratio 1.0"),
        Exhibit(title="gnss_is_lost", says="no fix", figure="<svg id='plot'></svg>"))),
    Hall(anchor="empty", title="Nobody hangs here", says="nothing"),
)  # fmt: skip


def page():
    return render_gallery(HALLS, "2026-11-22", "4be1c0ff", "77aa")


def test_every_exhibit_is_shown_with_its_words_escaped():
    text = page()
    assert "night &lt;rain&gt;" in text
    assert "rain &amp; dark" in text
    assert "faultline render a --at 3" in text
    assert "blocked_ratio 1.0" in text
    assert "<svg id='plot'></svg>" in text
    assert text.count("<figure>") == 3


def test_a_clean_picture_hangs_left_of_the_faulty_one():
    text = page()
    assert text.index(PIXEL + "B") < text.index(">with the fault<")
    assert text.count(">clean<") == 1


def test_a_hall_without_exhibits_is_left_out():
    assert "Nobody hangs here" not in page()


def test_the_page_loads_nothing_from_anywhere():
    links = re.findall(r'(?:src|href)="([^"]*)"', page())
    assert links
    assert all(link.startswith(("data:", "#")) for link in links)
    assert "http" not in page()


def test_readings_are_drawn_the_same_every_time_with_the_window_named():
    curves = {"force ahead [m/s²]": ([0.0, 0.0, 0.0], [0.0, 1.0, 0.0])}
    first, again = (readings_plot([0.0, 1.0, 2.0], curves, (0.5, 1.5)) for _ in range(2))
    assert first == again
    assert "force ahead [m/s²]" in first
    assert "the fault acts" in first

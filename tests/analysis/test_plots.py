"""Figures: deterministic, self-contained, and showing what they say."""

import re
from xml.etree import ElementTree

import matplotlib as mpl
import pytest

from analysis.moments import picture_moments
from analysis.plots import canvas, impact_curve, timeline, top_down, waterfall_bars
from analysis.sweeps import Sweep, SweepPoint, fit_impact_curve
from analysis.waterfalls import waterfall
from sim.truth import ActorKind
from stack.vocabulary import Diagnosis, Mode, WarningKind
from tests.analysis.records import build, fault

FAULTY = {
    "run_id": "lead_stands+camera_freezes#7",
    "faults": (fault(),),
    "diagnoses": ((3.25, Diagnosis.CAMERA_FROZEN),),
    "modes": ((3.3, Mode.RADAR_ONLY), (6.4, Mode.NOMINAL)),
    "told": ((3.4, WarningKind.SYSTEM_DEGRADED),),
}
POINTS = tuple(SweepPoint(float(ms), max(0.2 * (ms - 100), 0.0) ** 0.5 * 2.0) for ms in range(0, 500, 50))


def drawn(**drive) -> dict[str, str]:
    record = build(**drive)
    sweep = Sweep(
        scenario="lead_stands",
        key="added_latency_ms",
        unit="ms",
        points=POINTS,
        fit=fit_impact_curve(POINTS, 22.2, 6.0),
    )
    return {
        "top_down": top_down(record, picture_moments(record, "lead"), "lead", "4be1c0ffee12aa"),
        "timeline": timeline(record, "lead", "4be1c0ffee12aa"),
        "waterfall": waterfall_bars(waterfall(record)),
        "curve": impact_curve(sweep),
    }


def words(svg: str) -> str:
    return " ".join("".join(node.itertext()) for node in ElementTree.fromstring(svg).iter("text"))


def test_the_same_record_gives_the_same_bytes():
    assert drawn(**FAULTY) == drawn(**FAULTY)


def test_a_figure_is_well_formed_and_refers_to_nothing_outside():
    for svg in drawn(**FAULTY).values():
        assert ElementTree.fromstring(svg).tag == "svg"
        for forbidden in ("http", "<metadata", "<!DOCTYPE", "date", "xlink"):
            assert forbidden not in svg


def test_every_reference_in_a_figure_has_its_target_once():
    for svg in drawn(**FAULTY).values():
        names = re.findall(r' id="([^"]+)"', svg)
        assert len(names) == len(set(names))
        used = set(re.findall(r'url\(#([^)]+)\)|href="#([^"]+)"', svg))
        assert {a or b for a, b in used} <= set(names)


def test_references_of_different_figures_never_meet():
    seen: set[str] = set()
    for svg in drawn(**FAULTY).values():
        names = set(re.findall(r' id="([^"]+)"', svg))
        assert not names & seen
        seen |= names


def test_a_figure_states_run_faults_seed_and_code():
    figures = drawn(**FAULTY)
    for name in ("top_down", "timeline"):
        text = words(figures[name])
        for part in ("lead_stands", "camera_freezes", "seed 7", "code 4be1c0ffee12"):
            assert part in text
    assert "no faults" in words(drawn()["timeline"])


def test_a_timeline_names_units_events_and_modes():
    text = words(drawn(**FAULTY)["timeline"])
    for part in ("[km/h]", "[m]", "[s]", "[m/s²]", "radar only", "nominal", "diagnosis camera_frozen 3.250 s"):
        assert part in text
    assert "emergency demand applied 4.500 s" in text
    assert "fault camera_freezes 3.00 to 6.00 s" in text


def test_a_fault_window_is_shaded_and_a_clean_run_is_not():
    assert canvas.FAULT in drawn(**FAULTY)["timeline"]
    assert canvas.FAULT not in drawn()["timeline"]


def test_the_picture_from_above_tells_distance_and_speed():
    text = words(drawn()["top_down"])
    assert "warning shown · 3.50 s · ego 80.0 km/h · lead 0.0 km/h · TTC 3.50 s" in text
    assert "77.8 m" in text


def test_the_picture_of_a_crash_tells_the_impact():
    assert "contact with lead" in words(drawn(brake_s=6.5)["top_down"])
    assert re.search(r"impact \d\d\.\d km/h", words(drawn(brake_s=6.5)["top_down"]))


@pytest.mark.parametrize(
    "drive",
    [
        {"brake_s": -1.0, "warn_s": -1.0},
        {"target_y_m": 4.0, "bystanders": ((60.0, -4.0), (70.0, 4.0))},
        {"target_kind": ActorKind.CHILD, "target_y_m": -7.0, "target_lateral_mps": 1.4},
        {"target_speed_mps": 10.0, "brake_s": 5.0},
    ],
)
def test_every_kind_of_run_can_be_drawn(drive):
    assert all(svg.startswith("<svg") for svg in drawn(**drive).values())


def test_a_run_without_a_target_can_be_drawn():
    record = build(brake_s=-1.0, target_y_m=6.0)
    assert "speed" in words(timeline(record, ""))
    assert "ego" in words(top_down(record, picture_moments(record, ""), ""))


def test_the_waterfall_tells_each_part_and_the_whole():
    text = words(drawn()["waterfall"])
    for part in ("exposure to felt braking: 440.0 ms", "exposure to the demand at the brakes: 39.0 ms", "tracking"):
        assert part in text
    assert "dead time 200.0 ms" in text


def test_the_sweep_states_its_closed_form():
    text = words(drawn()["curve"])
    assert "a = 6.00 m/s²" in text
    assert "added latency [ms]" in text
    assert "impact speed [km/h]" in text


def test_colours_can_be_turned_by_the_page():
    assert f"var(--fig-ego, {canvas.EGO})" in drawn()["timeline"]


def luminance(colour: str) -> float:
    red, green, blue = (int(colour[i : i + 2], 16) / 255.0 for i in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_ego_and_target_and_fault_shade_differ_in_greyscale():
    tones = [luminance(colour) for colour in (canvas.INK, canvas.EGO, canvas.TARGET, canvas.OTHER, canvas.FAULT)]
    assert all(after - before > 0.05 for before, after in zip(tones, tones[1:], strict=False))


def test_a_standalone_file_carries_its_namespace():
    svg = canvas.standalone(drawn()["curve"])
    assert ElementTree.fromstring(svg).tag.endswith("}svg")


def test_a_description_cannot_break_out_of_its_attribute():
    with canvas.drawing():
        figure, _panels = canvas.sheet([1.0])
        svg = canvas.svg_text(figure, 'a "quoted" <name> & more')
    assert ElementTree.fromstring(svg).get("aria-label") == 'a "quoted" <name> & more'


def test_a_target_beyond_the_strip_is_told_by_its_distance():
    record = build(gap_m=300.0, brake_s=3.0, warn_s=2.5, limit_s=9.0)
    text = words(top_down(record, picture_moments(record, "lead"), "lead"))
    assert "m to a target beyond" in text


def test_panels_have_the_heights_they_were_given():
    with canvas.drawing():
        figure, panels = canvas.sheet([1.0, 2.5, 0.5], 0.3)
        height_in = figure.get_figheight()
        heights = [panel.get_position().height * height_in for panel in panels]
    assert heights == pytest.approx([1.0, 2.5, 0.5])
    between = panels[0].get_position().y0 - panels[1].get_position().y1
    assert between * height_in == pytest.approx(0.3)


def test_drawing_leaves_the_settings_of_others_alone():
    before = dict(mpl.rcParams)
    drawn()
    assert dict(mpl.rcParams) == before


def test_renamed_references_depend_on_content_alone():
    first = '<svg ><a id="p1" /><b clip-path="url(#p1)" /></svg>'
    second = first.replace("p1", "p99")
    other = first.replace("<a ", "<c ")
    assert canvas._renamed(first) == canvas._renamed(second)
    assert re.findall(r'id="([^"]+)"', canvas._renamed(other)) != re.findall(r'id="([^"]+)"', canvas._renamed(first))


@pytest.mark.parametrize("mode", list(Mode))
def test_every_mode_has_its_lane_in_the_timeline(mode):
    record = build(modes=((3.0, mode),)) if mode is not Mode.NOMINAL else build()
    assert mode.value.replace("_", " ") in words(timeline(record, "lead"))


def test_a_waterfall_without_rows_is_still_a_figure():
    assert "exposure to nothing" in words(waterfall_bars(()))


def test_a_sweep_without_a_fit_draws_its_points_alone():
    sweep = Sweep(scenario="s", key="friction_ratio", unit="1", points=POINTS, fit=None)
    text = words(impact_curve(sweep))
    assert "one run each" in text
    assert "a =" not in text

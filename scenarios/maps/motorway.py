"""The motorway: 3 km, two carriageways with two driving lanes and a shoulder each, guard rails on both sides.

The ego's carriageway is on the right of the reference line: lane -1 is the median strip, -2 the fast
lane, -3 the slow lane, -4 the shoulder; ids are mirrored for the other direction. The two tight bends
have R = 250 m on the centre line of lane -3, one to each side; stations are of the reference line.
Cross-section after the German RQ 31 (FGSV, Richtlinien für die Anlage von Autobahnen, RAA 2008):
driving lanes 3.75 m, shoulder 3.0 m, median 4.0 m. Speed limits stand behind the outer rails; a sign
gantry spans both carriageways on the last straight.
"""

from typing import TYPE_CHECKING

from scenarios.maps import drawing, roadside

if TYPE_CHECKING:
    from scenariogeneration import xodr

NAME = "motorway"

LANE_WIDTH_M = 3.75
SHOULDER_WIDTH_M = 3.0
HALF_MEDIAN_M = 2.0
SLOW_LANE_OFFSET_M = HALF_MEDIAN_M + 1.5 * LANE_WIDTH_M  # centre of lane -3 right of the reference line
TIGHT_RADIUS_M = 250.0

EDGE_M = HALF_MEDIAN_M + 2.0 * LANE_WIDTH_M + SHOULDER_WIDTH_M
OUTER_RAIL_M = EDGE_M + 0.5  # RPS 2009: rail front at least 0.5 m from the edge of the paved surface
MEDIAN_RAIL_M = 0.75

COURSE = (
    drawing.Straight(length_m=950.0),
    *drawing.eased_bend(TIGHT_RADIUS_M - SLOW_LANE_OFFSET_M, arc_m=200.0, clothoid_m=100.0),
    drawing.Straight(length_m=250.0),
    *drawing.eased_bend(-(TIGHT_RADIUS_M + SLOW_LANE_OFFSET_M), arc_m=200.0, clothoid_m=100.0),
    drawing.Straight(length_m=250.0),
    *drawing.eased_bend(-800.0, arc_m=200.0, clothoid_m=120.0),
    drawing.Straight(length_m=350.0),
)


SIGN_T_M = OUTER_RAIL_M + 1.0
SIGN_SIZE_M = 0.75
GANTRY_S_M = 2860.0
SIGNS = (
    roadside.speed_limit("limit_120_east_1", 30.0, -SIGN_T_M, True, 120, SIGN_SIZE_M),
    roadside.speed_limit("limit_100_east", 2050.0, -SIGN_T_M, True, 100, SIGN_SIZE_M),
    roadside.speed_limit("limit_120_east_2", 2700.0, -SIGN_T_M, True, 120, SIGN_SIZE_M),
    roadside.speed_limit("limit_120_west_1", 3010.0, SIGN_T_M, False, 120, SIGN_SIZE_M),
    roadside.speed_limit("limit_100_west", 2200.0, SIGN_T_M, False, 100, SIGN_SIZE_M),
    roadside.speed_limit("limit_120_west_2", 900.0, SIGN_T_M, False, 120, SIGN_SIZE_M),
)


def _carriageway() -> tuple[drawing.Strip, ...]:
    return (
        drawing.Strip(kind="median", width_m=HALF_MEDIAN_M, marking="solid"),
        drawing.Strip(kind="driving", width_m=LANE_WIDTH_M, marking="broken"),
        drawing.Strip(kind="driving", width_m=LANE_WIDTH_M, marking="solid"),
        drawing.Strip(kind="shoulder", width_m=SHOULDER_WIDTH_M, marking="none"),
    )


def _rails() -> tuple["xodr.Object", ...]:
    end_m = drawing.total_length_m(COURSE)
    rows = (
        ("guard_rail_right", -OUTER_RAIL_M),
        ("guard_rail_median_right", -MEDIAN_RAIL_M),
        ("guard_rail_median_left", MEDIAN_RAIL_M),
        ("guard_rail_left", OUTER_RAIL_M),
    )
    return tuple(roadside.guard_rail(name, t_m, 0.0, end_m) for name, t_m in rows)


def draw() -> str:
    """The motorway as OpenDRIVE text."""
    from scenariogeneration import xodr

    line = drawing.reference_line(0.0, 0.0, 0.0, COURSE)
    made = drawing.road(1, "motorway", line, drawing.cross_section(_carriageway(), _carriageway(), "none"))
    made.add_type(xodr.RoadType.motorway, 0.0, country="DE")
    made.add_object([*_rails(), roadside.gantry("gantry", GANTRY_S_M, 0.0, 2.0 * SIGN_T_M)])
    for sign in SIGNS:
        made.add_signal(roadside.signal_of(sign))
    return drawing.xodr_text(NAME, (made,))

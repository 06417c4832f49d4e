"""The rural road: 1.5 km, one lane of 3.5 m in each direction, straights of 450 m and 400 m, two bends.

Lane -1 runs with the reference line, lane 1 against it; -2 and 2 are narrow hard strips. A guard rail
stands outside the first bend, on the right; signs warn of both bends from both sides. Lane width after
RAL 2012 (FGSV), EKL 3 with RQ 11.
"""

from scenarios.maps import drawing, roadside

NAME = "rural"

LANE_WIDTH_M = 3.5
STRIP_WIDTH_M = 0.5
RAIL_T_M = -(LANE_WIDTH_M + STRIP_WIDTH_M + 0.5)
RAIL_FROM_M, RAIL_TO_M = 430.0, 720.0

COURSE = (
    drawing.Straight(length_m=450.0),
    *drawing.eased_bend(180.0, arc_m=120.0, clothoid_m=60.0),
    drawing.Straight(length_m=400.0),
    *drawing.eased_bend(-250.0, arc_m=150.0, clothoid_m=60.0),
    drawing.Straight(length_m=200.0),
)


SIGN_T_M = LANE_WIDTH_M + STRIP_WIDTH_M + roadside.SIGN_OFFSET_M
SIGNS = (
    roadside.speed_limit("limit_80_east", 25.0, -SIGN_T_M, True, 80),
    roadside.bend_warning("bend_1_east", 400.0, -SIGN_T_M, True, to_the_left=True),
    roadside.bend_warning("bend_2_east", 1040.0, -SIGN_T_M, True, to_the_left=False),
    roadside.bend_warning("bend_1_west", 740.0, SIGN_T_M, False, to_the_left=False),
    roadside.bend_warning("bend_2_west", 1410.0, SIGN_T_M, False, to_the_left=True),
    roadside.speed_limit("limit_80_west", 1535.0, SIGN_T_M, False, 80),
)


def draw() -> str:
    """The rural road as OpenDRIVE text."""
    from scenariogeneration import xodr

    half = (
        drawing.Strip(kind="driving", width_m=LANE_WIDTH_M, marking="solid"),
        drawing.Strip(kind="shoulder", width_m=STRIP_WIDTH_M, marking="none"),
    )
    line = drawing.reference_line(0.0, 0.0, 0.0, COURSE)
    made = drawing.road(1, "rural", line, drawing.cross_section(half, half, "broken"))
    made.add_type(xodr.RoadType.rural, 0.0, country="DE")
    made.add_object([roadside.guard_rail("guard_rail_right", RAIL_T_M, RAIL_FROM_M, RAIL_TO_M)])
    for sign in SIGNS:
        made.add_signal(roadside.signal_of(sign))
    return drawing.xodr_text(NAME, (made,))

"""The hills: a two-lane rural road over crests and through sags, a junction, and a bridge over another road.

    road 1 (700 m): up 5.5 %, over a crest, down 4 % to the junction
    junction 100: road 3 leaves to the left (350 m, up 5 %), with a stop line
    road 2 (900 m): down 6 % into a valley, over the bridge (stations 430 to 470), up 3 %, over a crest
    road 4 (560 m): through the valley, under the bridge

Lane -1 runs with a road's direction, lane 1 against it; -2 and 2 are narrow hard strips. Lane width after
RAL 2012 (FGSV), EKL 4; gradients within its 8 %, crests of R = 3000 m, sags of R = 2000 m at least.
"""

from math import cos, pi, sin
from typing import TYPE_CHECKING

from scenarios.maps import drawing, roadside
from scenarios.maps.drawing import Grade, Span, Straight, VerticalCurve, eased_bend
from scenarios.maps.junction import Arm, Node, draw_junction

if TYPE_CHECKING:
    from scenariogeneration import xodr

NAME = "hills"

LANE_WIDTH_M = 3.5
STRIP_WIDTH_M = 0.5
EDGE_M = LANE_WIDTH_M + STRIP_WIDTH_M
SIGN_T_M = EDGE_M + roadside.SIGN_OFFSET_M
RAIL_T_M = EDGE_M + 0.3

START_HEIGHT_M = 12.0
REACH_M = 20.0  # from the junction's node to its arms
COURSE_1 = (Straight(length_m=180.0), *eased_bend(220.0, arc_m=110.0, clothoid_m=60.0), Straight(length_m=290.0))
PROFILE_1 = (
    Grade(length_m=40.0, rise_ratio=0.0),
    VerticalCurve(length_m=110.0, from_ratio=0.0, to_ratio=0.055),
    Grade(length_m=130.0, rise_ratio=0.055),
    VerticalCurve(length_m=285.0, from_ratio=0.055, to_ratio=-0.04),
    Grade(length_m=45.0, rise_ratio=-0.04),
    VerticalCurve(length_m=80.0, from_ratio=-0.04, to_ratio=0.0),
    Grade(length_m=10.0, rise_ratio=0.0),
)
COURSE_2 = (
    Straight(length_m=120.0),
    *eased_bend(-180.0, arc_m=100.0, clothoid_m=60.0),
    Straight(length_m=340.0),
    *eased_bend(300.0, arc_m=70.0, clothoid_m=50.0),
    Straight(length_m=50.0),
)
PROFILE_2 = (
    Grade(length_m=20.0, rise_ratio=0.0),
    VerticalCurve(length_m=180.0, from_ratio=0.0, to_ratio=-0.06),
    Grade(length_m=100.0, rise_ratio=-0.06),
    VerticalCurve(length_m=200.0, from_ratio=-0.06, to_ratio=0.03),
    Grade(length_m=60.0, rise_ratio=0.03),
    VerticalCurve(length_m=160.0, from_ratio=0.03, to_ratio=-0.02),
    Grade(length_m=140.0, rise_ratio=-0.02),
    VerticalCurve(length_m=40.0, from_ratio=-0.02, to_ratio=0.0),
)
COURSE_3 = (Straight(length_m=60.0), *eased_bend(-120.0, arc_m=90.0, clothoid_m=40.0), Straight(length_m=120.0))
PROFILE_3 = (
    Grade(length_m=10.0, rise_ratio=0.0),
    VerticalCurve(length_m=100.0, from_ratio=0.0, to_ratio=0.05),
    Grade(length_m=80.0, rise_ratio=0.05),
    VerticalCurve(length_m=160.0, from_ratio=0.05, to_ratio=0.0),
)
COURSE_4 = (Straight(length_m=300.0), *eased_bend(250.0, arc_m=60.0, clothoid_m=50.0), Straight(length_m=100.0))
PROFILE_4 = (
    Grade(length_m=90.0, rise_ratio=-0.02),
    VerticalCurve(length_m=180.0, from_ratio=-0.02, to_ratio=0.02),
    Grade(length_m=290.0, rise_ratio=0.02),
)
BRIDGE = Span(name="valley_bridge", from_m=430.0, length_m=40.0)
CROSSING_2_M = 450.0  # where road 2 crosses road 4
CROSSING_4_M = 180.0
CROSSING_RISE_M = 6.0  # from the lower road to the upper one: deck of 1.0 m, 5.0 m stay clear

SIGNS_1 = (
    roadside.speed_limit("limit_70_east", 30.0, -SIGN_T_M, True, 70),
    roadside.bend_warning("bend_1_east", 120.0, -SIGN_T_M, True, to_the_left=True),
    roadside.Sign(name="priority_east", s_m=560.0, t_m=-SIGN_T_M, along=True, kind="301", size_m=0.9),
    roadside.bend_warning("bend_1_west", 470.0, SIGN_T_M, False, to_the_left=False),
)
SIGNS_2 = (
    roadside.Sign(name="descent_east", s_m=60.0, t_m=-SIGN_T_M, along=True, kind="108", size_m=0.9,
                  value=6.0, unit="%"),
    roadside.bend_warning("bend_2_east", 80.0, -SIGN_T_M, True, to_the_left=False),
    roadside.speed_limit("limit_70_valley", 320.0, -SIGN_T_M, True, 70),
    roadside.Sign(name="priority_west", s_m=140.0, t_m=SIGN_T_M, along=False, kind="301", size_m=0.9),
    roadside.bend_warning("bend_2_west", 400.0, SIGN_T_M, False, to_the_left=True),
    roadside.speed_limit("limit_70_west", 870.0, SIGN_T_M, False, 70),
)  # fmt: skip
STOP_M = 6.0  # from the junction's mouth to the stop line on road 3
RAILS = (("guard_rail_right", -RAIL_T_M), ("guard_rail_left", RAIL_T_M))


def _lanes() -> "xodr.Lanes":
    half = (
        drawing.Strip(kind="driving", width_m=LANE_WIDTH_M, marking="solid"),
        drawing.Strip(kind="shoulder", width_m=STRIP_WIDTH_M, marking="none"),
    )
    return drawing.cross_section(half, half, "broken")


def _road(
    number: int,
    name: str,
    pose: tuple[float, float, float],
    course: tuple[drawing.Piece, ...],
    heights: tuple[drawing.ElevationRow, ...],
) -> "xodr.Road":
    from scenariogeneration import xodr

    made = drawing.road(number, name, drawing.reference_line(*pose, course), _lanes(), heights=heights)
    made.add_type(xodr.RoadType.rural, 0.0, country="DE")
    return made


def _main_roads(node_height_m: float) -> tuple["xodr.Road", "xodr.Road", tuple[float, float, float]]:
    """Roads 1 and 2, and the pose of the junction's node, headed along them."""
    x_m, y_m, yaw_rad = drawing.end_pose(0.0, 0.0, 0.0, COURSE_1)
    node = (x_m + REACH_M * cos(yaw_rad), y_m + REACH_M * sin(yaw_rad), yaw_rad)
    first = _road(1, "ridge_road", (0.0, 0.0, 0.0), COURSE_1, drawing.elevation(START_HEIGHT_M, PROFILE_1))
    for sign in SIGNS_1:
        first.add_signal(roadside.signal_of(sign))
    second = _road(2, "valley_road", _beyond(node, 0.0), COURSE_2, drawing.elevation(node_height_m, PROFILE_2))
    for sign in SIGNS_2:
        second.add_signal(roadside.signal_of(sign))
    from_m, to_m = BRIDGE.from_m - 30.0, BRIDGE.from_m + BRIDGE.length_m + 30.0
    second.add_object([roadside.guard_rail(name, t_m, from_m, to_m) for name, t_m in RAILS])
    return first, second, node


def _beyond(node: tuple[float, float, float], turned_rad: float) -> tuple[float, float, float]:
    """Where an arm begins, seen outwards from the node."""
    yaw_rad = node[2] + turned_rad
    return node[0] + REACH_M * cos(yaw_rad), node[1] + REACH_M * sin(yaw_rad), yaw_rad


def _side_road(node: tuple[float, float, float], node_height_m: float) -> "xodr.Road":
    made = _road(3, "farm_road", _beyond(node, 0.5 * pi), COURSE_3, drawing.elevation(node_height_m, PROFILE_3))
    stop = roadside.Sign(name="stop", s_m=STOP_M, t_m=SIGN_T_M, along=False, kind="206", size_m=0.9)
    line = roadside.stop_line("stop_line", STOP_M, 0.5 * LANE_WIDTH_M, False, LANE_WIDTH_M - 0.3)
    made.add_signal(roadside.signal_of(stop))
    made.add_signal(line)
    return made


def _lower_road(node: tuple[float, float, float], node_height_m: float) -> "xodr.Road":
    """Road 4, laid so that road 2 crosses it at a right angle half-way over the bridge."""
    before_m = drawing.total_length_m(COURSE_2[:4])
    until = (*COURSE_2[:4], Straight(length_m=CROSSING_2_M - before_m))
    x_m, y_m, yaw_rad = drawing.end_pose(*_beyond(node, 0.0), until)
    yaw_rad += 0.5 * pi
    pose = (x_m - CROSSING_4_M * cos(yaw_rad), y_m - CROSSING_4_M * sin(yaw_rad), yaw_rad)
    upper_m = drawing.height_m(drawing.elevation(node_height_m, PROFILE_2), CROSSING_2_M)
    below_m = drawing.height_m(drawing.elevation(0.0, PROFILE_4), CROSSING_4_M)
    return _road(4, "brook_road", pose, COURSE_4, drawing.elevation(upper_m - CROSSING_RISE_M - below_m, PROFILE_4))


def draw() -> str:
    """The hills as OpenDRIVE text."""
    from scenariogeneration import xodr

    length_m = drawing.total_length_m(COURSE_1)
    node_height_m = drawing.height_m(drawing.elevation(START_HEIGHT_M, PROFILE_1), length_m)
    first, second, node = _main_roads(node_height_m)
    side = _side_road(node, node_height_m)
    arms = (
        Arm(road=1, outward_rad=node[2] + pi, touches_with_end=True),
        Arm(road=2, outward_rad=node[2], touches_with_end=False),
        Arm(road=3, outward_rad=node[2] + 0.5 * pi, touches_with_end=False),
    )
    first.add_successor(xodr.ElementType.junction, 100)
    second.add_predecessor(xodr.ElementType.junction, 100)
    side.add_predecessor(xodr.ElementType.junction, 100)
    strip = drawing.Strip(kind="shoulder", width_m=STRIP_WIDTH_M)
    junction, ways = draw_junction(Node(
        number=100, x_m=node[0], y_m=node[1], reach_m=REACH_M, arms=arms, lane_width_m=LANE_WIDTH_M,
        side=strip, edge_marking="solid", height_m=node_height_m,
    ))  # fmt: skip
    roads = (first, second, side, _lower_road(node, node_height_m), *ways)
    return drawing.xodr_text(NAME, roads, (junction,), {2: (BRIDGE,)})

"""The urban grid with its open ends closed: whoever leaves the grid turns round and comes back.

Made for traffic that never stops coming, as CARLA's Traffic Manager drives it: it takes vehicles away where a
road ends. At each of the grid's eight outer ends a way of one lane leads out, round and back in, a junction of
its own (number 500 + block) whose one road is 600 + block. Everything else is as in `scenarios.maps.urban`.
"""

from math import acos, cos, pi, sin
from typing import TYPE_CHECKING

from scenarios.maps import drawing, urban
from scenarios.maps.junction import Arm

if TYPE_CHECKING:
    from scenariogeneration import xodr

NAME = "quarter"

# The way turns right at first, then left round the circle, then right again into the block it came from.
AWAY_RADIUS_M = 15.0
CIRCLE_RADIUS_M = 10.0
AWAY_RAD = acos(AWAY_RADIUS_M / (AWAY_RADIUS_M + CIRCLE_RADIUS_M))  # so that it ends where it began
JUNCTION_FROM, WAY_FROM = 500, 600

COURSE = (
    drawing.Bend(radius_m=-AWAY_RADIUS_M, length_m=AWAY_RADIUS_M * AWAY_RAD),
    drawing.Bend(radius_m=CIRCLE_RADIUS_M, length_m=CIRCLE_RADIUS_M * (pi + 2.0 * AWAY_RAD)),
    drawing.Bend(radius_m=-AWAY_RADIUS_M, length_m=AWAY_RADIUS_M * AWAY_RAD),
)


def _outer_arm(block: urban.Block) -> Arm | None:
    """The end of a block that leads out of the grid, seen from there."""
    if not block.start_junction:
        return Arm(road=block.number, outward_rad=block.yaw_rad + pi, touches_with_end=False)
    if not block.end_junction:
        return Arm(road=block.number, outward_rad=block.yaw_rad, touches_with_end=True)
    return None


def _way_round(block: urban.Block, arm: Arm) -> "xodr.Road":
    """From the lane that leaves the grid to the one that comes back."""
    from scenariogeneration import xodr

    along_m = urban.BLOCK_M if arm.touches_with_end else 0.0
    x_m, y_m = block.x_m + along_m * cos(block.yaw_rad), block.y_m + along_m * sin(block.yaw_rad)
    line = drawing.reference_line(x_m, y_m, arm.outward_rad, COURSE)
    strip = drawing.Strip(kind="driving", width_m=urban.LANE_WIDTH_M, predecessor=arm.lane_in, successor=-arm.lane_in)
    lanes = drawing.cross_section((), (strip,), "none")
    number = block.number
    made = drawing.road(WAY_FROM + number, f"way_round_{number}", line, lanes, JUNCTION_FROM + number)
    contact = xodr.ContactPoint.end if arm.touches_with_end else xodr.ContactPoint.start
    made.add_predecessor(xodr.ElementType.road, number, contact)
    made.add_successor(xodr.ElementType.road, number, contact)
    return made


def _turning(number: int, arm: Arm) -> "xodr.Junction":
    from scenariogeneration import xodr

    made = xodr.Junction(f"turning_{number}", JUNCTION_FROM + number)
    connection = xodr.Connection(number, WAY_FROM + number, xodr.ContactPoint.start)
    connection.add_lanelink(arm.lane_in, -1)
    made.add_connection(connection)
    return made


def draw() -> str:
    """The grid with turning circles as OpenDRIVE text."""
    from scenariogeneration import xodr

    roads, junctions = urban.drawn()
    by_number = {road.id: road for road in roads}
    for block in urban.BLOCKS:
        arm = _outer_arm(block)
        if arm is None:
            continue
        link = (
            by_number[block.number].add_successor if arm.touches_with_end else by_number[block.number].add_predecessor
        )
        link(xodr.ElementType.junction, JUNCTION_FROM + block.number)
        roads.append(_way_round(block, arm))
        junctions.append(_turning(block.number, arm))
    return drawing.xodr_text(NAME, tuple(roads), tuple(junctions), controllers=urban.controllers())

"""Junctions of our maps: from each arm a connecting road to every other one, laid about a node.

Each way through is a road of its own; its reference line joins the two roads' reference lines, and it
carries the one lane -1. The arms' ends lie equally far from the node. What runs along the outside of the
junction (a sidewalk, a hard strip) goes with the ways that have nothing to their right.
"""

from dataclasses import dataclass
from math import atan2, cos, pi, sin, tan
from typing import TYPE_CHECKING

from scenarios.maps import drawing

if TYPE_CHECKING:
    from scenariogeneration import xodr

TURNING_RAD = 0.25 * pi


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """A road's end at a junction, seen from the junction: the direction outwards, and which end touches."""

    road: int
    outward_rad: float
    touches_with_end: bool

    @property
    def lane_in(self) -> int:
        """The lane that runs into the junction."""
        return -1 if self.touches_with_end else 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A junction: its number, the place where its arms would meet, how far their ends are, and its height."""

    number: int
    x_m: float
    y_m: float
    reach_m: float
    arms: tuple[Arm, ...]
    lane_width_m: float
    side: drawing.Strip
    edge_marking: str = "none"  # between lane and side strip
    height_m: float = 0.0


def turn_rad(arm_in: Arm, arm_out: Arm) -> float:
    """Change of heading on the way through: 0 straight on, positive to the left."""
    change = arm_out.outward_rad - (arm_in.outward_rad + pi)
    return atan2(sin(change), cos(change))


def _outermost(node: Node, arm_in: Arm, arm_out: Arm) -> bool:
    """Whether a way has nothing to its right: no arm lies between, going round the right-hand side."""
    own = turn_rad(arm_in, arm_out)
    others = [turn_rad(arm_in, arm) for arm in node.arms if arm.road not in (arm_in.road, arm_out.road)]
    return own < TURNING_RAD and all(other > own for other in others)


def _way_through(number: int, node: Node, arm_in: Arm, arm_out: Arm) -> "xodr.Road":
    from scenariogeneration import xodr

    turned = turn_rad(arm_in, arm_out)
    start = (node.x_m + node.reach_m * cos(arm_in.outward_rad), node.y_m + node.reach_m * sin(arm_in.outward_rad))
    piece: drawing.Piece = drawing.Straight(length_m=2.0 * node.reach_m)
    if abs(turned) > TURNING_RAD:
        radius_m = node.reach_m / tan(0.5 * turned)
        piece = drawing.Bend(radius_m=radius_m, length_m=radius_m * turned)
    before, after = arm_in.lane_in, -arm_out.lane_in
    outside = _outermost(node, arm_in, arm_out)
    strips = [drawing.Strip(kind="driving", width_m=node.lane_width_m, predecessor=before, successor=after,
                            marking=node.edge_marking if outside else "none")]  # fmt: skip
    if outside:
        strips.append(drawing.Strip(kind=node.side.kind, width_m=node.side.width_m,
                                    predecessor=2 * before, successor=2 * after))  # fmt: skip
    line = drawing.reference_line(*start, arm_in.outward_rad + pi, (piece,))
    lanes = drawing.cross_section((), tuple(strips), "none")
    level = ((0.0, node.height_m, 0.0, 0.0, 0.0),)
    made = drawing.road(number, f"way_{number}", line, lanes, node.number, level)
    ends = {True: xodr.ContactPoint.end, False: xodr.ContactPoint.start}
    made.add_predecessor(xodr.ElementType.road, arm_in.road, ends[arm_in.touches_with_end])
    made.add_successor(xodr.ElementType.road, arm_out.road, ends[arm_out.touches_with_end])
    return made


def draw_junction(node: Node) -> tuple["xodr.Junction", tuple["xodr.Road", ...]]:
    """A junction and its ways, which are numbered on from it."""
    from scenariogeneration import xodr

    made = xodr.Junction(f"junction_{node.number}", node.number)
    ways: list[xodr.Road] = []
    for arm_in in node.arms:
        for arm_out in node.arms:
            if arm_out.road == arm_in.road:
                continue
            way = _way_through(node.number + 1 + len(ways), node, arm_in, arm_out)
            connection = xodr.Connection(arm_in.road, way.id, xodr.ContactPoint.start)
            connection.add_lanelink(arm_in.lane_in, -1)
            if _outermost(node, arm_in, arm_out):
                connection.add_lanelink(2 * arm_in.lane_in, -2)
            made.add_connection(connection)
            ways.append(way)
    return made, tuple(ways)

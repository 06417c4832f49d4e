"""The urban grid: two streets cross two avenues; four junctions, twelve straight blocks of 170 m, crosswalks.

    6 ...          north avenue ends           roads 1, 2, 3     south street, west to east
      12 |   9 |                               roads 4, 5, 6     north street, west to east
    --4--+--5--+--6--   north street           roads 7, 8, 9     west avenue, south to north
       8 |  11 |                               roads 10, 11, 12  east avenue, south to north
    --1--+--2--+--3--   south street           junctions 100 (south-west), 200 (south-east),
       7 |  10 |                                         300 (north-west), 400 (north-east)

Lane -1 runs with a road's direction, lane 1 against it; -2 and 2 are sidewalks. Inside a junction
each way through is a road of its own with the one lane -1 (a right turn also carries the sidewalk).
Every way into a junction has a traffic light and a stop line before its crosswalk; each light has a
controller of its own, so that a junction's four ways in have their green one after the other.
Lane width 3.25 m after RASt 06 (FGSV) for streets with lorries and buses.
"""

from dataclasses import dataclass
from math import cos, pi, sin, tau
from typing import TYPE_CHECKING

from scenarios.maps import drawing, roadside
from scenarios.maps.junction import Arm, Node, draw_junction

if TYPE_CHECKING:
    from scenariogeneration import xodr

NAME = "urban"

LANE_WIDTH_M = 3.25
SIDEWALK_WIDTH_M = 2.5
SPACING_M = 200.0
HALF_JUNCTION_M = 15.0
BLOCK_M = SPACING_M - 2.0 * HALF_JUNCTION_M

CROSSWALK_ALONG_M = 4.0
CROSSWALK_SETBACK_M = 5.0  # from the junction to the crosswalk's centre
STOP_SETBACK_M = 8.5  # from the junction to the stop line, and to the traffic light beside it
LIGHT_OFFSET_M = 0.6  # from the kerb to the mast
NODES = {100: (0.0, 0.0), 200: (SPACING_M, 0.0), 300: (0.0, SPACING_M), 400: (SPACING_M, SPACING_M)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A straight road: where it starts, its direction, and the junctions at its ends (0: none)."""

    number: int
    name: str
    x_m: float
    y_m: float
    yaw_rad: float
    start_junction: int
    end_junction: int


def _row(first: int, name: str, x_m: float, y_m: float, yaw_rad: float, nodes: tuple[int, int]) -> tuple[Block, ...]:
    """The three blocks of one street, from its outer start over two junctions."""
    junctions = (0, *nodes, 0)
    blocks = []
    for k in range(3):
        along_m = k * SPACING_M + HALF_JUNCTION_M - SPACING_M
        blocks.append(
            Block(
                number=first + k,
                name=f"{name}_{k + 1}",
                x_m=x_m + along_m * cos(yaw_rad),
                y_m=y_m + along_m * sin(yaw_rad),
                yaw_rad=yaw_rad,
                start_junction=junctions[k],
                end_junction=junctions[k + 1],
            )
        )
    return tuple(blocks)


BLOCKS = (
    *_row(1, "south_street", 0.0, 0.0, 0.0, (100, 200)),
    *_row(4, "north_street", 0.0, SPACING_M, 0.0, (300, 400)),
    *_row(7, "west_avenue", 0.0, 0.0, 0.5 * pi, (100, 300)),
    *_row(10, "east_avenue", SPACING_M, 0.0, 0.5 * pi, (200, 400)),
)


def arms_of(junction: int) -> tuple[Arm, ...]:
    """The roads that meet at a junction."""
    ending = [Arm(road=b.number, outward_rad=b.yaw_rad + pi, touches_with_end=True)
              for b in BLOCKS if b.end_junction == junction]  # fmt: skip
    starting = [Arm(road=b.number, outward_rad=b.yaw_rad, touches_with_end=False)
                for b in BLOCKS if b.start_junction == junction]  # fmt: skip
    return tuple(ending + starting)


def _crosswalks(block: Block) -> list["xodr.Object"]:
    """Before each junction, and mid-block between two junctions."""
    stations = []
    if block.start_junction:
        stations.append((CROSSWALK_SETBACK_M, "start"))
    if block.start_junction and block.end_junction:
        stations.append((0.5 * BLOCK_M, "middle"))
    if block.end_junction:
        stations.append((BLOCK_M - CROSSWALK_SETBACK_M, "end"))
    return [
        roadside.crosswalk(f"crosswalk_{block.number}_{where}", s_m, CROSSWALK_ALONG_M, 2.0 * LANE_WIDTH_M)
        for s_m, where in stations
    ]


def _signals(block: Block) -> list["xodr.Signal"]:
    """A traffic light and a stop line where a block runs into a junction."""
    made = []
    ends = [("start", STOP_SETBACK_M, False)] if block.start_junction else []
    ends += [("end", BLOCK_M - STOP_SETBACK_M, True)] if block.end_junction else []
    for where, s_m, along in ends:
        side = -1.0 if along else 1.0
        name = f"{block.number}_{where}"
        made += [
            roadside.traffic_light(f"traffic_light_{name}", s_m, side * (LANE_WIDTH_M + LIGHT_OFFSET_M), along),
            roadside.stop_line(f"stop_line_{name}", s_m, 0.5 * side * LANE_WIDTH_M, along, LANE_WIDTH_M - 0.3),
        ]
    return made


def controllers() -> tuple[drawing.Controller, ...]:
    """One for each way into each junction, going round from its eastern arm."""
    made = []
    for junction in NODES:
        for arm in sorted(arms_of(junction), key=lambda arm: (arm.outward_rad + 0.5) % tau):
            where = "end" if arm.touches_with_end else "start"
            made.append(
                drawing.Controller(
                    name=f"controller_{arm.road}_{where}", junction=junction,
                    lights=(f"traffic_light_{arm.road}_{where}",),
                )
            )  # fmt: skip
    return tuple(made)


def _block_road(block: Block) -> "xodr.Road":
    from scenariogeneration import xodr

    half = (
        drawing.Strip(kind="driving", width_m=LANE_WIDTH_M, marking="curb"),
        drawing.Strip(kind="sidewalk", width_m=SIDEWALK_WIDTH_M),
    )
    line = drawing.reference_line(block.x_m, block.y_m, block.yaw_rad, (drawing.Straight(length_m=BLOCK_M),))
    made = drawing.road(block.number, block.name, line, drawing.cross_section(half, half, "broken"))
    made.add_type(xodr.RoadType.town, 0.0, country="DE")
    if block.start_junction:
        made.add_predecessor(xodr.ElementType.junction, block.start_junction)
    if block.end_junction:
        made.add_successor(xodr.ElementType.junction, block.end_junction)
    made.add_object(_crosswalks(block))
    for signal in _signals(block):
        made.add_signal(signal)
    return made


def _node(number: int) -> Node:
    x_m, y_m = NODES[number]
    sidewalk = drawing.Strip(kind="sidewalk", width_m=SIDEWALK_WIDTH_M)
    return Node(number=number, x_m=x_m, y_m=y_m, reach_m=HALF_JUNCTION_M, arms=arms_of(number),
                lane_width_m=LANE_WIDTH_M, side=sidewalk)  # fmt: skip


def drawn() -> tuple[list["xodr.Road"], list["xodr.Junction"]]:
    """The grid's roads and junctions: the blocks first, then the ways through each junction."""
    roads = [_block_road(block) for block in BLOCKS]
    junctions = []
    for number in NODES:
        junction, ways = draw_junction(_node(number))
        junctions.append(junction)
        roads.extend(ways)
    return roads, junctions


def draw() -> str:
    """The urban grid as OpenDRIVE text."""
    roads, junctions = drawn()
    return drawing.xodr_text(NAME, tuple(roads), tuple(junctions), controllers=controllers())

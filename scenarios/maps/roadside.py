"""What stands beside and lies on our maps' roads: rails, gantries, crosswalks, signs, traffic lights, stop lines.

Sign numbers are those of the German catalogue (StVO, VzKat 2017): 103 bend, 108 descent, 206 stop,
274 speed limit, 294 stop line, 301 priority. 1000001 is OpenDRIVE's own number of a light with three lamps.
Sizes after VwV-StVO, size 2: round signs 0.6 m across, triangles 0.9 m; on motorways one size more.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scenariogeneration import xodr

# Overall size of a common single W-beam guard rail on posts (German EDSP): top edge 0.75 m above the road.
RAIL_HEIGHT_M = 0.75
RAIL_WIDTH_M = 0.30

SIGN_CLEARANCE_M = 2.0  # VwV-StVO to sections 39 to 43: lower edge as a rule 2 m above the road
SIGN_OFFSET_M = 1.5  # the same: as a rule 1.5 m beside the carriageway outside built-up areas
LIGHT_CLEARANCE_M = 2.1  # RiLSA 2015: at least 2.1 m of free height over a sidewalk
LIGHT_SIZE_M = (0.35, 1.0)  # RiLSA: lamps of 0.2 m; housing own
STOP_LINE_M = 0.5  # RMS-1: a stop line is 0.5 m wide
GANTRY_CLEARANCE_M = 5.5  # own: above the 4.7 m that motorways keep clear


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """A plate beside the road. `along`: it speaks to those driving along the reference line."""

    name: str
    s_m: float
    t_m: float
    along: bool
    kind: str
    subtype: str = "-1"
    size_m: float = 0.6
    value: float | None = None
    unit: str | None = None
    clearance_m: float = SIGN_CLEARANCE_M


def speed_limit(name: str, s_m: float, t_m: float, along: bool, kmh: int, size_m: float = 0.6) -> Sign:
    """Sign 274."""
    return Sign(
        name=name, s_m=s_m, t_m=t_m, along=along, kind="274", value=float(kmh), unit="km/h", size_m=size_m
    )  # fmt: skip


def bend_warning(name: str, s_m: float, t_m: float, along: bool, to_the_left: bool) -> Sign:
    """Sign 103-10 (to the left) or 103-20 (to the right)."""
    subtype = "10" if to_the_left else "20"
    return Sign(name=name, s_m=s_m, t_m=t_m, along=along, kind="103", subtype=subtype, size_m=0.9)


def signal_of(sign: Sign) -> "xodr.Signal":
    """A sign as OpenDRIVE has it."""
    from scenariogeneration import xodr

    return xodr.Signal(
        sign.s_m, sign.t_m, "DE", sign.kind, subtype=sign.subtype, name=sign.name, value=sign.value, unit=sign.unit,
        zOffset=sign.clearance_m, width=sign.size_m, height=sign.size_m, orientation=_orientation(sign.along),
    )  # fmt: skip


def traffic_light(name: str, s_m: float, t_m: float, along: bool) -> "xodr.Signal":
    """A signal head with three lamps on a mast of its own."""
    from scenariogeneration import xodr

    width_m, height_m = LIGHT_SIZE_M
    return xodr.Signal(
        s_m, t_m, "OpenDRIVE", "1000001", name=name, dynamic=xodr.Dynamic.yes, zOffset=LIGHT_CLEARANCE_M,
        width=width_m, height=height_m, orientation=_orientation(along),
    )  # fmt: skip


def stop_line(name: str, s_m: float, t_m: float, along: bool, across_m: float) -> "xodr.Signal":
    """Sign 294: a bar across a lane, centred on a place; its height is how far it reaches along the road."""
    from scenariogeneration import xodr

    return xodr.Signal(
        s_m, t_m, "DE", "294", name=name, zOffset=0.0, width=across_m, height=STOP_LINE_M,
        orientation=_orientation(along),
    )  # fmt: skip


def _orientation(along: bool) -> "xodr.Orientation":
    from scenariogeneration import xodr

    return xodr.Orientation.positive if along else xodr.Orientation.negative


def gantry(name: str, s_m: float, t_m: float, across_m: float) -> "xodr.Object":
    """A sign gantry across the road: length along the road, width across it, its beam above the clearance."""
    from scenariogeneration import xodr

    return xodr.Object(
        s_m, t_m, xodr.ObjectType.gantry, name=name, zOffset=0.0, orientation=xodr.Orientation.positive,
        length=1.0, width=across_m, height=GANTRY_CLEARANCE_M + 2.5,
    )  # fmt: skip


def guard_rail(name: str, t_m: float, from_s_m: float, to_s_m: float) -> "xodr.Object":
    """A continuous rail along the road between two stations, `t_m` left of the reference line."""
    from scenariogeneration import xodr

    size = {"width": RAIL_WIDTH_M, "length": to_s_m - from_s_m, "height": RAIL_HEIGHT_M}
    rail = xodr.Object(from_s_m, t_m, xodr.ObjectType.barrier, subtype="guardRail", name=name, zOffset=0.0, **size)
    rail.repeat(
        to_s_m - from_s_m, 0.0, sStart=from_s_m, tStart=t_m, tEnd=t_m,
        heightStart=RAIL_HEIGHT_M, heightEnd=RAIL_HEIGHT_M, zOffsetStart=0.0, zOffsetEnd=0.0,
        widthStart=RAIL_WIDTH_M, widthEnd=RAIL_WIDTH_M,
    )  # fmt: skip
    return rail


def crosswalk(name: str, s_m: float, along_m: float, across_m: float) -> "xodr.Object":
    """A crosswalk over the whole carriageway, centred on the reference line."""
    from scenariogeneration import xodr

    crossing = xodr.Object(
        s_m, 0.0, xodr.ObjectType.crosswalk, subtype="zebra", name=name,
        length=along_m, width=across_m, height=0.0,
    )  # fmt: skip
    outline = xodr.Outline(closed=True, outer=True, id=0)
    for corner, (u, v) in enumerate(((-1, -1), (1, -1), (1, 1), (-1, 1))):
        outline.add_corner(xodr.CornerLocal(0.5 * u * along_m, 0.5 * v * across_m, 0.0, 0.0, id=corner))
    crossing.add_outline(outline)
    return crossing

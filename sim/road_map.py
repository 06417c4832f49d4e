"""What a map is, as plain values: lanes with their surface and markings, things beside the road, signs, bridges.

Axes after ISO 8855 (`stack.vocabulary.frames`): metres, radians, x east, y north, z up, yaw
counter-clockwise. A station is a distance along a road's reference line, as OpenDRIVE counts it; a
lane's s is its own arc length from where it begins to be driven. `sim.road` makes these from OpenDRIVE.
"""

import hashlib
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from stack.vocabulary import Finding, InputError

Array = NDArray[np.float64]
LaneKey = tuple[str, int]  # road id and lane id, as OpenDRIVE names them

NO_LANE: Final = -1  # index of a neighbour that does not exist
DRIVING: Final = "driving"
SIDEWALK: Final = "sidewalk"


@dataclass(frozen=True, slots=True, kw_only=True)
class RoadMark:
    """A stretch of marking on one border of a lane, between two stations of the reference line.

    `side` is "left" or "right" as driven. `kind` is OpenDRIVE's word: "solid", "broken", "solid solid",
    "curb", ... A broken one is painted `dash_m` long, then leaves `gap_m`; both are 0 for the others.
    """

    side: str
    kind: str
    colour: str  # "white" or "yellow"
    width_m: float
    dash_m: float
    gap_m: float
    from_m: float
    to_m: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lane:
    """One lane of one lane section. `points` is (n, 5), read-only: s, x, y, yaw, curvature, as driven.

    `heights_m` and `widths_m` (n,) hold at the same places: the elevation of the lane's surface, kerb
    included, and how wide it is; `width_m` is the width half-way. `left`, `right` and `successors` are
    indices into `Road.lanes`; left and right run in the same direction, NO_LANE where there is none.
    `forward` means driven along the road's reference line, `stations_m` are its first and last row's
    stations there. `junction_id` is "" outside junctions; `road_kind` is "motorway", "rural", "town" or "".
    """

    road_id: str
    section: int
    lane_id: int
    kind: str
    forward: bool
    width_m: float
    points: Array
    heights_m: Array
    widths_m: Array
    left: int
    right: int
    successors: tuple[int, ...]
    stations_m: tuple[float, float]
    junction_id: str
    road_kind: str
    marks: tuple[RoadMark, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoadObject:
    """A thing that belongs to the road: a box by its centre, or a crosswalk's area (height 0).

    `z_m` is the elevation of its lower edge half-way along; `pitch_rad` is positive where it falls
    towards its front (ISO 8855), as a rail does downhill.
    """

    kind: str  # "guard_rail", "crosswalk", "gantry", or OpenDRIVE's own word
    name: str
    x_m: float
    y_m: float
    yaw_rad: float
    length_m: float
    width_m: float
    height_m: float
    z_m: float = 0.0
    pitch_rad: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RoadSignal:
    """A sign, a traffic light or a stop line. `kind` and `subtype` are numbers of the country's catalogue.

    `x_m`, `y_m`, `z_m` is the middle of its lower edge, `ground_m` the road's elevation beside it,
    `yaw_rad` the direction its face looks in: against those it speaks to. `value` is None without one
    (a speed limit's is in `unit`). `offset_m` is how far left of the reference line it stands.
    """

    kind: str
    subtype: str
    country: str
    name: str
    text: str
    value: float | None
    unit: str
    dynamic: bool
    road_id: str
    offset_m: float
    x_m: float
    y_m: float
    z_m: float
    ground_m: float
    yaw_rad: float
    width_m: float
    height_m: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Bridge:
    """A stretch of a road, all its lanes, that is carried over what passes below."""

    name: str
    road_id: str
    kind: str  # OpenDRIVE's word: "concrete", "steel", ...
    from_m: float  # stations of the reference line
    to_m: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Road:
    """A map ready to use. `digest` is the SHA-256 of the OpenDRIVE text it was baked from."""

    name: str
    digest: str
    lanes: tuple[Lane, ...]
    objects: tuple[RoadObject, ...]
    signals: tuple[RoadSignal, ...] = ()
    bridges: tuple[Bridge, ...] = ()


def xodr_digest(xodr: str) -> str:
    """SHA-256 of an OpenDRIVE text."""
    return hashlib.sha256(xodr.encode()).hexdigest()


def lane_keys(road: Road, kind: str = DRIVING) -> tuple[LaneKey, ...]:
    """Road and lane ids of all lanes of a kind, in the order of the map."""
    return tuple(dict.fromkeys((lane.road_id, lane.lane_id) for lane in road.lanes if lane.kind == kind))


def refusal(where: str, field: str, problem: str) -> InputError:
    """An error with this one finding."""
    return InputError((Finding(where=where, field=field, problem=problem),))


def frozen(array: Array) -> Array:
    """The same numbers, read-only."""
    array = np.ascontiguousarray(array, dtype=np.float64)
    array.flags.writeable = False
    return array

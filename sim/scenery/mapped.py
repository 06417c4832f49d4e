"""What the map itself names beside its roads: guard rails, gantries, signs and traffic lights.

World frame, metres, radians. Signs stand where the map says, however near to a lane.
"""

from collections.abc import Sequence
from math import cos, pi, sin
from typing import Final

import numpy as np

from sim.road_map import RoadObject, RoadSignal
from sim.scenery import gantries
from sim.scenery.clearance import Clearance, Footprint
from sim.scenery.mesh import merged, placed
from sim.scenery.rails import RailSegments, beams, posts
from sim.scenery.signals import signal
from sim.scenery.signs import sign
from sim.scenery.sites import Pose, Site, Thing, fixture_about, footprint_of
from sim.scenery.still import Fixture, Piece

RAIL, GANTRY = "guard_rail", "gantry"
LIGHT_KINDS = frozenset({"1000001", "1000002", "1000009", "1000010", "1000011", "1000012"})  # OpenDRIVE's lights
PAINTED_KINDS = frozenset({"293", "294", "295", "296", "297", "298", "299", "340", "341"})  # lie on the road
SIDES: Final = {"10": "left", "20": "right"}  # VzKat: -10 to the left, -20 to the right
OVERHEAD_M = 4.0  # a sign whose lower edge is above this hangs over the road, on no post of its own
RAIL_REACH_M = 300.0
RAIL_POST_REACH_M = 120.0
SIGN_REACH_M = 250.0
GANTRY_REACH_M = 600.0
BOARD_INSET_M = 2.6  # from a leg, or from the middle of a two-way road, to a gantry's board
WIDEST_BOARD_M = 4.8


def furnish_mapped(site: Site) -> None:
    """Signs, lights and gantries become things; rails only take their ground (see `rail_pieces`)."""
    for thing in site.road.objects:
        if thing.kind == RAIL:
            site.clearance.take(_ground_of(thing))
        elif thing.kind == GANTRY:
            _gantry(site, thing)
    for each in site.road.signals:
        if each.kind not in PAINTED_KINDS and each.z_m - each.ground_m < OVERHEAD_M:
            _sign(site, each)


def _ground_of(thing: RoadObject) -> Footprint:
    return Footprint(
        x_m=thing.x_m, y_m=thing.y_m, yaw_rad=thing.yaw_rad, length_m=thing.length_m, width_m=thing.width_m
    )


def _sign(site: Site, each: RoadSignal) -> None:
    lower_m = round(max(0.3, each.z_m - each.ground_m), 2)
    pose = Pose(x_m=each.x_m, y_m=each.y_m, z_m=each.ground_m, yaw_rad=each.yaw_rad)
    if each.kind in LIGHT_KINDS or each.dynamic:
        lit = "green" if abs(cos(each.yaw_rad)) > 0.7 else "red"  # one phase: those along x go, the others wait
        mesh, kind = signal(lit, lower_m), "signal"
    else:
        said = SIDES.get(each.subtype, "") if each.value is None else f"{each.value:.0f}"
        mesh, kind = sign(each.kind, said, round(each.width_m, 3), lower_m), "sign"
    name = each.name or f"{kind}_{site.number(kind):03d}"
    site.add(mesh, pose, footprint_of(mesh, pose), SIGN_REACH_M, kind, name, mapped=True)


def _gantry(site: Site, thing: RoadObject) -> None:
    """A gantry over the whole of its box, its boards towards traffic that keeps to the right."""
    half_m = round(0.5 * thing.width_m, 3)
    pose = Pose(x_m=thing.x_m, y_m=thing.y_m, z_m=thing.z_m, yaw_rad=thing.yaw_rad + pi)
    wide_m = min(WIDEST_BOARD_M, 0.5 * (half_m - BOARD_INSET_M) - 0.5)
    boards: gantries.Spans = tuple(
        (round(low_m, 3), round(low_m + wide_m, 3)) for low_m in (BOARD_INSET_M, BOARD_INSET_M + wide_m + 0.4)
    )
    beam = gantries.beam(half_m, -half_m, boards, boards)
    left, right = gantries.legs(half_m, -half_m)
    for leg in (left, right):
        site.clearance.take(footprint_of(leg, pose))
    fixtures = (
        fixture_about(beam, pose, "gantry", thing.name),
        fixture_about(left, pose, "pole", f"{thing.name}_left_leg"),
        fixture_about(right, pose, "pole", f"{thing.name}_right_leg"),
    )
    mesh = placed(merged(beam, left, right), pose.x_m, pose.y_m, pose.z_m, pose.yaw_rad)
    site.things.append(Thing(footprint=_ground_of(thing), piece=Piece(mesh=mesh, reach_m=GANTRY_REACH_M),
                             fixtures=fixtures, mapped=True))  # fmt: skip


def rail_pieces(rails: Sequence[tuple[RoadObject, float, float]]) -> tuple[tuple[Piece, ...], tuple[Fixture, ...]]:
    """Beams and posts of rail segments, each given with its front's side and its distance along its rail."""
    if not rails:
        return (), ()
    boxes = np.array([(r.x_m, r.y_m, r.z_m, r.yaw_rad, r.length_m, r.pitch_rad, r.height_m) for r, _, _ in rails])
    half = 0.5 * boxes[:, 4]
    ahead = np.column_stack((half * np.cos(boxes[:, 3]), half * np.sin(boxes[:, 3]), -half * np.tan(boxes[:, 5])))
    segments = RailSegments(
        starts=boxes[:, :3] - ahead, ends=boxes[:, :3] + ahead, heights_m=boxes[:, 6],
        fronts=np.array([front for _, front, _ in rails]), from_m=np.array([from_m for _, _, from_m in rails]),
    )  # fmt: skip
    pieces = (Piece(mesh=beams(segments), reach_m=RAIL_REACH_M), Piece(mesh=posts(segments), reach_m=RAIL_POST_REACH_M))
    return pieces, tuple(_rail_fixture(rail) for rail, _, _ in rails)


def _rail_fixture(rail: RoadObject) -> Fixture:
    rise_m = abs(rail.length_m * sin(rail.pitch_rad))
    return Fixture(
        kind=RAIL, name=rail.name, x_m=rail.x_m, y_m=rail.y_m, z_m=rail.z_m - 0.5 * rise_m, yaw_rad=rail.yaw_rad,
        length_m=rail.length_m, width_m=rail.width_m, height_m=rail.height_m + rise_m,
    )  # fmt: skip


def rails_of(objects: Sequence[RoadObject], clearance: Clearance) -> tuple[tuple[RoadObject, float, float], ...]:
    """All rail segments: which side faces the nearest driven lane (+1 left), and how far along its rail each starts."""
    rows: list[tuple[RoadObject, float, float]] = []
    chain, front, reached_m = "", 1.0, 0.0
    for thing in objects:
        if thing.kind != RAIL:
            continue
        base = thing.name.rpartition("_")[0]
        if base != chain or not base:
            chain, reached_m = base, 0.0
            x_m, y_m = clearance.nearest_driven(thing.x_m, thing.y_m)
            left = cos(thing.yaw_rad) * (y_m - thing.y_m) - sin(thing.yaw_rad) * (x_m - thing.x_m)
            front = 1.0 if left >= 0.0 else -1.0
        rows.append((thing, front, reached_m))
        reached_m += thing.length_m
    return tuple(rows)

"""What is there and what the stack believes is there: boxes on the picture, and the small map from above."""

from math import cos, isfinite, sin
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.plots.birdseye import AHEAD_M, BEHIND_M, Bird, Blob
from analysis.plots.overlay import MEANINGS, BoxMark
from scenarios.viewing.heard import Heard
from scenarios.viewing.shots import Theatre
from scenarios.viewing.story import URGENT_TTC_S
from sim.camera.boxes import boxes_of
from sim.camera.lens import project
from sim.road_map import DRIVING, Lane, Road
from sim.sensors.pixel_camera import Shot
from sim.truth import EGO, YAW, TruthFrame, X, Y
from stack.vocabulary import NS_PER_S, ObjectClass, SimNs, Track, s_from_ns, topics

HEIGHTS_M = {ObjectClass.VEHICLE: 1.6, ObjectClass.PEDESTRIAN: 1.75, ObjectClass.CYCLIST: 1.75}
_NAMES = {ObjectClass.UNKNOWN: "object"}
SEEN_PX = 12  # fewer pixels of somebody at a width of 640 are not worth a box
STALE_NS = NS_PER_S  # a belief older than this is no longer drawn

Floats = NDArray[np.float64]


def truth_marks(theatre: Theatre, shot: Shot) -> list[BoxMark]:
    """A thin box around every road user that can be seen."""
    names = theatre.record.roster.names
    least_px = max(4, round(SEEN_PX * (theatre.lens.width_px / 640.0) ** 2))
    return [
        BoxMark(left=box.u0, top=box.v0, right=box.u1, bottom=box.v1, label="", meaning="truth", thin=True)
        for box in boxes_of(shot.picture, least_px)
        if box.row != EGO and names[box.row]
    ]


def meaning_of(hazard: Any) -> str:
    """Whether a track is just there, a hazard, or a danger."""
    if hazard is None:
        return "track"
    return "danger" if hazard.time_to_collision_s < URGENT_TTC_S else "hazard"


def believed(heard: Heard, at: SimNs) -> tuple[Any, dict[int, Any]]:
    """The track list in force (None if there is none, or it is stale) and the most urgent hazard of each track."""
    tracks, hazards = heard.payload(topics.TRACKS, at), heard.payload(topics.HAZARDS, at)
    if tracks is None or at - tracks.as_of > STALE_NS:
        return None, {}
    urgent: dict[int, Any] = {}
    for one in () if hazards is None else hazards.hazards:
        urgent.setdefault(one.track.track_id, one)
    return tracks, urgent


def _rank(order: list[int], track: Track) -> tuple[int, float]:
    """Where a track is drawn: those without hazard first, far before near; then hazards, the most urgent last."""
    return (-order.index(track.track_id), 0.0) if track.track_id in order else (-len(order), -track.x_m)


def track_marks(theatre: Theatre, heard: Heard, shot: Shot, at: SimNs) -> list[BoxMark]:
    """A box for every track, where the stack believes it is now; hazards stand out."""
    tracks, urgent = believed(heard, at)
    if tracks is None:
        return []
    then = theatre.frame(tracks.as_of)
    marks = []
    order = list(urgent)  # the most urgent last: later marks lie above, and are named first
    for track in sorted(tracks.tracks, key=lambda one: _rank(order, one)):
        box = _projected(theatre, shot, then, track, s_from_ns(at - tracks.as_of))
        if box is None:
            continue
        hazard = urgent.get(track.track_id)
        label = f"{_NAMES.get(track.object_class, track.object_class.value)} {track.x_m:.0f} m"
        if hazard is not None and isfinite(hazard.time_to_collision_s):
            label += f"  TTC {hazard.time_to_collision_s:.1f} s"
        left, top, right, bottom = box
        marks.append(
            BoxMark(left=left, top=top, right=right, bottom=bottom, label=label, meaning=meaning_of(hazard))
        )  # fmt: skip
    return marks


def _projected(
    theatre: Theatre, shot: Shot, then: TruthFrame, track: Track, age_s: float
) -> tuple[float, float, float, float] | None:
    """The nearest edge of a track as an upright rectangle, px; None if it is not in the picture."""
    ego, eye = then.ego_frame(), shot.eye
    x_m, y_m = track.x_m + track.vx_mps * age_s, track.y_m + track.vy_mps * age_s
    c, s = cos(ego.yaw_rad), sin(ego.yaw_rad)
    half_m, height_m = 0.5 * max(track.width_m, 0.4), HEIGHTS_M.get(track.object_class, 1.5)
    pose = shot.moment.poses[EGO]
    rise = float(pose[2, 0])  # of the road ahead, as the ego stands on it
    ground_m = float(pose[2, 3]) + rise * x_m
    corners = np.array(
        [
            (ego.x_m + c * x_m - s * (y_m + side), ego.y_m + s * x_m + c * (y_m + side), ground_m + up)
            for side in (-half_m, half_m)
            for up in (0.0, height_m)
        ]
    )
    arms = corners - eye.position_m
    inside, valid = project(theatre.lens, (arms[:, :, None] * eye.world_from_sensor[None]).sum(axis=1))
    if not valid.all():
        return None
    u0, u1 = float(inside[:, 0].min()), float(inside[:, 0].max())
    v0, v1 = float(inside[:, 1].min()), float(inside[:, 1].max())
    if u1 < 0 or u0 > theatre.lens.width_px or v1 < 0 or v0 > theatre.lens.height_px:
        return None
    return u0, v0, u1, v1


# -- from above -----------------------------------------------------------------------------------


class Surroundings:
    """The small map's ground: the outlines of a map's driving lanes."""

    def __init__(self, road: Road) -> None:
        self._lanes = tuple(_outline(lane) for lane in road.lanes if lane.kind == DRIVING)
        self._boxes = np.array([(*one.min(axis=0), *one.max(axis=0)) for one in self._lanes]).reshape(-1, 4)

    def bird(self, theatre: Theatre, heard: Heard, frame: TruthFrame, at: SimNs) -> Bird:
        """The map of an instant."""
        ego = frame.ego_frame()
        here = np.array([ego.x_m, ego.y_m])
        reach_m = 1.2 * (AHEAD_M + BEHIND_M)
        near = np.flatnonzero(
            (self._boxes[:, :2] < here + reach_m).all(axis=1) & (self._boxes[:, 2:] > here - reach_m).all(axis=1)
        )
        lanes = tuple(_seen_from(self._lanes[index], here, ego.yaw_rad) for index in near.tolist())
        sizes = frame.roster.size_m
        there = tuple(
            _seen_from(_corners(frame.state[row], sizes[row]), here, ego.yaw_rad) for row in range(len(frame.state))
        )
        return Bird(lanes=lanes, there=there, believed=_blobs(heard, at))


def _blobs(heard: Heard, at: SimNs) -> tuple[Blob, ...]:
    tracks, urgent = believed(heard, at)
    if tracks is None:
        return ()
    blobs = []
    for track in tracks.tracks:
        meaning = meaning_of(urgent.get(track.track_id))
        age_s = s_from_ns(at - tracks.as_of)
        ahead_mps = track.vx_mps - tracks.speed_mps  # the map moves with the ego
        blobs.append(
            Blob(
                x_m=track.x_m + ahead_mps * age_s, y_m=track.y_m + track.vy_mps * age_s,
                vx_mps=track.vx_mps, vy_mps=track.vy_mps, colour=MEANINGS[meaning], urgent=meaning == "danger",
            )
        )  # fmt: skip
    return tuple(blobs)


def _outline(lane: Lane) -> Floats:
    """A lane's border as one closed line, (n, 2) in the world."""
    x, y, yaw = lane.points[:, 1], lane.points[:, 2], lane.points[:, 3]
    across = np.stack((-np.sin(yaw), np.cos(yaw)), axis=-1) * (0.5 * lane.widths_m)[:, None]
    middle = np.stack((x, y), axis=-1)
    return np.concatenate((middle + across, (middle - across)[::-1]))


def _corners(state: Floats, size_m: Floats) -> Floats:
    """An actor's outline, (4, 2) in the world."""
    c, s = cos(float(state[YAW])), sin(float(state[YAW]))
    half = 0.5 * np.array([[1, 1], [1, -1], [-1, -1], [-1, 1]]) * size_m[:2]
    return np.stack((state[X] + c * half[:, 0] - s * half[:, 1], state[Y] + s * half[:, 0] + c * half[:, 1]), axis=-1)


def _seen_from(places: Floats, here: Floats, yaw_rad: float) -> Floats:
    """Places of the world in the frame of an ego that stands `here` and heads `yaw_rad`."""
    arm = places - here
    c, s = cos(yaw_rad), sin(yaw_rad)
    return np.stack((c * arm[:, 0] + s * arm[:, 1], c * arm[:, 1] - s * arm[:, 0]), axis=-1)

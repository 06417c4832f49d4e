"""The run in three dimensions for viewers: the road once, the actors, and what the stack believes of them.

Drawn in the plane: truth has no elevation, so the road is drawn without it too.
"""

import numpy as np

from scenarios.logbook import drawing
from scenarios.logbook.drawing import EGO_FRAME, WORLD
from scenarios.logbook.parts import record_extra
from sim.road import Lane, Road
from sim.truth import EGO, SPEED, YAW, TruthFrame, X, Y
from stack.vocabulary import NS_PER_MS, HazardList, SimNs, Track, TrackList

try:
    from foxglove.messages import (
        FrameTransform,
        FrameTransforms,
        LinePrimitive,
        LinePrimitiveLineType,
        Point3,
        SceneEntity,
        SceneEntityDeletion,
        SceneEntityDeletionType,
        SceneUpdate,
        Vector3,
    )
except ModuleNotFoundError as absent:
    raise record_extra(absent) from absent

LINE_STEP_M = 2.0  # between two points of a drawn lane border
LINE_WIDTH_M = 0.12
TRACKS_LAST_NS = 500 * NS_PER_MS  # drawn tracks vanish if tracking falls silent
KMH_PER_MPS = 3.6


def road_scene(road: Road) -> SceneUpdate:
    """Both borders of every lane; crosswalks, rails and other objects of the road as boxes."""
    entities = [
        SceneEntity(frame_id=WORLD, id=f"lane {number}", lines=_borders(lane)) for number, lane in enumerate(road.lanes)
    ]
    for number, thing in enumerate(road.objects):
        size_m = (thing.length_m, thing.width_m, max(thing.height_m, 0.02))
        box = drawing.cube(thing.x_m, thing.y_m, 0.5 * size_m[2], thing.yaw_rad, size_m, drawing.PLAIN_COLOUR)
        entities.append(SceneEntity(frame_id=WORLD, id=f"object {number} {thing.kind}", cubes=[box]))
    return SceneUpdate(entities=entities)


def _borders(lane: Lane) -> list[LinePrimitive]:
    """The two edges of a lane, half its width left and right of the line it is driven along."""
    s, x, y, yaw = lane.points[:, 0], lane.points[:, 1], lane.points[:, 2], np.unwrap(lane.points[:, 3])
    stations = np.append(np.arange(s[0], s[-1], LINE_STEP_M), s[-1])
    x, y, yaw = (np.interp(stations, s, column) for column in (x, y, yaw))
    lines = []
    for half_m in (0.5 * lane.width_m, -0.5 * lane.width_m):
        along = np.stack((x - half_m * np.sin(yaw), y + half_m * np.cos(yaw)), axis=1)
        points = [Point3(x=px, y=py, z=0.0) for px, py in along.tolist()]
        lines.append(
            LinePrimitive(
                type=LinePrimitiveLineType.LineStrip, thickness=LINE_WIDTH_M, points=points, color=drawing.ROAD_COLOUR
            )
        )
    return lines


def actors_scene(frame: TruthFrame) -> SceneUpdate:
    """Everybody as a box with name and speed."""
    roster, entities = frame.roster, []
    for row, (name, kind) in enumerate(zip(roster.names, roster.kinds, strict=True)):
        x_m, y_m, yaw_rad, speed_mps = frame.state[row, [X, Y, YAW, SPEED]].tolist()
        length_m, width_m, height_m = roster.size_m[row].tolist()
        low_m = float(roster.clearance_m[row])
        size_m = (length_m, width_m, height_m - low_m if height_m > low_m else height_m)
        colour = drawing.EGO_COLOUR if row == EGO else drawing.ACTOR_COLOURS.get(kind, drawing.PLAIN_COLOUR)
        words = f"{name} {speed_mps * KMH_PER_MPS:.0f} km/h"
        entities.append(
            SceneEntity(
                timestamp=drawing.stamp(frame.at),
                frame_id=WORLD,
                id=name,
                cubes=[drawing.cube(x_m, y_m, low_m + 0.5 * size_m[2], yaw_rad, size_m, colour)],
                texts=[drawing.label(x_m, y_m, low_m + size_m[2] + drawing.TEXT_M, words)],
            )
        )
    return SceneUpdate(entities=entities)


def transforms(rows: list[FrameTransform]) -> FrameTransforms:
    """Several frames at once."""
    return FrameTransforms(transforms=rows)


def ego_transform(frame: TruthFrame) -> FrameTransform:
    """Where the ego frame (centre of the front edge, on the ground) is in the world."""
    pose = frame.ego_frame()
    place = Vector3(x=pose.x_m, y=pose.y_m, z=0.0)
    return FrameTransform(
        timestamp=drawing.stamp(frame.at),
        parent_frame_id=WORLD,
        child_frame_id=EGO_FRAME,
        translation=place,
        rotation=drawing.turned(pose.yaw_rad),
    )


def tracks_scene(tracks: TrackList, hazards: HazardList | None, at: SimNs) -> SceneUpdate:
    """What the stack believes: a box per track, red if it stands on the list of hazards."""
    dangers = {} if hazards is None else {hazard.track.track_id: hazard for hazard in reversed(hazards.hazards)}
    entities = []
    for track in tracks.tracks:
        hazard = dangers.get(track.track_id)
        words = f"{track.track_id} {track.object_class.value} {track.vx_mps * KMH_PER_MPS:.0f} km/h"
        if hazard is not None:
            words += f", ttc {hazard.time_to_collision_s:.1f} s"
        colour = drawing.TRACK_COLOUR if hazard is None else drawing.HAZARD_COLOUR
        length_m, height_m = track_extent_m(track)
        size_m = (length_m, max(track.width_m, 0.2), height_m)
        entities.append(
            SceneEntity(
                timestamp=drawing.stamp(at),
                frame_id=EGO_FRAME,
                id=f"track {track.track_id}",
                lifetime=drawing.lifetime(TRACKS_LAST_NS),
                cubes=[drawing.cube(track.x_m + 0.5 * length_m, track.y_m, 0.5 * height_m, 0.0, size_m, colour)],
                texts=[drawing.label(track.x_m, track.y_m, height_m + drawing.TEXT_M, words)],
            )
        )
    clear = SceneEntityDeletion(timestamp=drawing.stamp(at), type=SceneEntityDeletionType.All)
    return SceneUpdate(deletions=[clear], entities=entities)


def track_extent_m(track: Track) -> tuple[float, float]:
    """Length and height to draw a track with: what its class usually has."""
    length_m = drawing.CLASS_LENGTH_M.get(track.object_class, drawing.OTHER_LENGTH_M)
    return length_m, drawing.CLASS_HEIGHT_M.get(track.object_class, drawing.OTHER_HEIGHT_M)

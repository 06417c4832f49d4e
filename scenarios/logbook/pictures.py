"""Camera pictures for viewers, with boxes: what is really visible, and what the stack believes is there.

Pictures are written as delivered, without another coding. Boxes of actors come from the ids of what was
drawn, before any fault: they enclose what could be seen of an actor. Tracks are projected from the
latest track list, with the mount and the lens the camera should have.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scenarios.logbook import drawing
from scenarios.logbook.parts import record_extra
from scenarios.logbook.scenes import track_extent_m
from sim.camera.boxes import boxes_of
from sim.camera.lens import Lens, project
from sim.mount import Mount
from sim.truth import EGO, Roster
from stack.vocabulary import CameraImage, ImageCoding, SimNs, TrackList

try:
    from foxglove.messages import (
        CameraCalibration,
        Color,
        CompressedImage,
        ImageAnnotations,
        Point2,
        PointsAnnotation,
        PointsAnnotationType,
        RawImage,
        TextAnnotation,
    )
except ModuleNotFoundError as absent:
    raise record_extra(absent) from absent

Box = tuple[float, float, float, float]  # left, top, right, bottom, px
_RAW = {ImageCoding.RGB8: ("rgb8", 3), ImageCoding.BAYER_RGGB8: ("bayer_rggb8", 1)}
_LINE_PX, _LETTER_PX, _SMALLEST_PX = 1.5, 11.0, 2.0
_ALONG_EDGE = np.linspace(0.0, 1.0, 5)  # an edge that leaves the view is followed as far as it is seen
_TRUTH_LINE = Color(r=0.3, g=0.9, b=0.35, a=1.0)
_TRACK_LINE = Color(r=0.1, g=0.8, b=1.0, a=1.0)
_BACKGROUND = Color(r=0.0, g=0.0, b=0.0, a=0.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Camera:
    """One camera of the run: its topic, where it sits, its lens."""

    topic: str
    mount: Mount
    lens: Lens


def image_message(image: CameraImage, frame: str, at: SimNs) -> RawImage | CompressedImage:
    """A picture as delivered."""
    optical = drawing.optical_frame(frame)
    if image.coding is ImageCoding.JPEG:
        return CompressedImage(timestamp=drawing.stamp(at), frame_id=optical, data=image.data, format="jpeg")
    encoding, pixel_bytes = _RAW[image.coding]
    return RawImage(
        timestamp=drawing.stamp(at),
        frame_id=optical,
        width=image.width_px,
        height=image.height_px,
        encoding=encoding,
        step=image.width_px * pixel_bytes,
        data=image.data,
    )


def calibration(camera: Camera, at: SimNs) -> CameraCalibration:
    """A lens in the words of OpenCV's plumb bob model, which is ours."""
    lens = camera.lens
    fx, fy, cx, cy = lens.focal_x_px, lens.focal_y_px, lens.centre_x_px, lens.centre_y_px
    return CameraCalibration(
        timestamp=drawing.stamp(at),
        frame_id=drawing.optical_frame(camera.topic),
        width=lens.width_px,
        height=lens.height_px,
        distortion_model="plumb_bob",
        D=[lens.k1, lens.k2, lens.p1, lens.p2, lens.k3],
        K=[fx, 0.0, cx, 0.0, fy, cy, 0.0, 0.0, 1.0],
        R=[1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0],
        P=[fx, 0.0, cx, 0.0, 0.0, fy, cy, 0.0, 0.0, 0.0, 1.0, 0.0],
    )


# -- boxes --------------------------------------------------------------------------------------


def visible_boxes(sensor: Any, slot: SimNs) -> dict[int, Box]:  # noqa: ANN401 - any sensor of a run
    """The box around what can be seen of every actor, by row, in the picture a camera made at `slot`.

    Empty for a sensor that does not show its latest shot, or has gone on to the next.
    """
    shot = getattr(sensor, "latest", None)
    if shot is None or shot.slot != slot:
        return {}
    return {box.row: (box.u0, box.v0, box.u1, box.v1) for box in boxes_of(shot.picture) if box.row != EGO}


def track_boxes(camera: Camera, tracks: TrackList) -> dict[int, Box]:
    """The box around every track, by place in the list."""
    boxes = {}
    for index, track in enumerate(tracks.tracks):
        length_m, height_m = track_extent_m(track)
        edges = _box_edges(0.0, length_m, 0.5 * max(track.width_m, 0.2), 0.0, height_m)
        box = _around(camera, edges + np.array([track.x_m, track.y_m, 0.0]))
        if box is not None:
            boxes[index] = box
    return boxes


def _box_edges(near_m: float, far_m: float, half_width_m: float, low_m: float, high_m: float) -> NDArray[np.float64]:
    """Points along the twelve edges of an upright box, (n, 3)."""
    corners = np.array(
        [(x, y, z) for x in (near_m, far_m) for y in (-half_width_m, half_width_m) for z in (low_m, high_m)]
    )
    pairs = [(a, b) for a in range(8) for b in range(a + 1, 8) if (a ^ b) in (1, 2, 4)]
    edges = [corners[a] + _ALONG_EDGE[:, None] * (corners[b] - corners[a]) for a, b in pairs]
    return np.concatenate(edges)


def _around(camera: Camera, points: NDArray[np.float64]) -> Box | None:
    """The box around points of the ego frame in the picture; nothing if none of them is in view."""
    mount, lens = camera.mount, camera.lens
    place = np.array([mount.x_m, mount.y_m, mount.z_m])
    pixels, seen = project(lens, (points - place) @ drawing.mount_matrix(mount))
    if not seen.any():
        return None
    low, high = pixels[seen].min(axis=0), pixels[seen].max(axis=0)
    left, top = np.clip(low, 0.0, (lens.width_px, lens.height_px)).tolist()
    right, bottom = np.clip(high, 0.0, (lens.width_px, lens.height_px)).tolist()
    if right - left < _SMALLEST_PX or bottom - top < _SMALLEST_PX:
        return None
    return left, top, right, bottom


# -- annotations --------------------------------------------------------------------------------


def annotations(
    at: SimNs, roster: Roster, actors: dict[int, Box], tracks: TrackList | None, believed: dict[int, Box]
) -> ImageAnnotations:
    """Green boxes with names for what is there, blue ones for what the stack believes."""
    points, texts = [], []
    for row, box in sorted(actors.items()):
        points.append(_rectangle(box, _TRUTH_LINE))
        texts.append(_caption(box[0], box[1], roster.names[row]))
    for index, box in sorted(believed.items()):
        track = tracks.tracks[index] if tracks is not None else None
        words = "" if track is None else f"{track.track_id} {track.object_class.value} {track.x_m:.0f} m"
        points.append(_rectangle(box, _TRACK_LINE))
        texts.append(_caption(box[0], box[3] + _LETTER_PX, words))
    return ImageAnnotations(timestamp=drawing.stamp(at), points=points, texts=texts)


def _rectangle(box: Box, line: Color) -> PointsAnnotation:
    left, top, right, bottom = box
    return PointsAnnotation(
        type=PointsAnnotationType.LineLoop,
        points=_corners(((left, top), (right, top), (right, bottom), (left, bottom))),
        outline_color=line,
        thickness=_LINE_PX,
    )


def _corners(places: Iterable[Sequence[float]]) -> list[Point2]:
    return [Point2(x=x, y=y) for x, y in places]


def _caption(x: float, y: float, words: str) -> TextAnnotation:
    return TextAnnotation(
        position=Point2(x=x, y=y),
        text=words,
        font_size=_LETTER_PX,
        text_color=drawing.TEXT_COLOUR,
        background_color=_BACKGROUND,
    )

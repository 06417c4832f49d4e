"""The baked file of a map: a zip of plain arrays with fixed times and no compression.

So equal roads are equal bytes, `numpy.load` reads it, and it needs no `carla`. Heights and widths are
kept in single precision, which is what they were read in; widths only of lanes whose width varies.
"""

import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import astuple
from pathlib import Path
from typing import Any, Final

import numpy as np

from sim.road_map import Array, Bridge, Lane, Road, RoadMark, RoadObject, RoadSignal, frozen, refusal

FORMAT: Final = 2
MEND_BAKED: Final = "make it again with `python -m scenarios.maps.make`"


def save_baked(road: Road, path: Path) -> None:
    """Writes a road to a file that `load_baked` (and `numpy.load`) reads."""
    about = {
        "format": FORMAT,
        "name": road.name,
        "digest": road.digest,
        "lanes": [[lane.road_id, lane.section, lane.lane_id, lane.kind, lane.forward, lane.width_m, lane.left,
                   lane.right, list(lane.successors), list(lane.stations_m), lane.junction_id, lane.road_kind,
                   [list(astuple(mark)) for mark in lane.marks], _varies(lane)] for lane in road.lanes],
        "objects": [[thing.kind, thing.name] for thing in road.objects],
        "signals": [list(astuple(signal)) for signal in road.signals],
        "bridges": [list(astuple(bridge)) for bridge in road.bridges],
    }  # fmt: skip
    boxes = [(b.x_m, b.y_m, b.yaw_rad, b.length_m, b.width_m, b.height_m, b.z_m, b.pitch_rad) for b in road.objects]
    varying = [lane.widths_m for lane in road.lanes if _varies(lane)]
    arrays = {
        "about": np.frombuffer(json.dumps(about).encode(), dtype=np.uint8),
        "counts": np.array([len(lane.points) for lane in road.lanes], dtype="<i8"),
        "points": np.concatenate([lane.points for lane in road.lanes]).astype("<f8"),
        "heights": np.concatenate([lane.heights_m for lane in road.lanes]).astype("<f4"),
        "widths": np.concatenate([np.zeros(0), *varying]).astype("<f4"),
        "boxes": np.array(boxes, dtype="<f8").reshape(-1, 8),
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for key, array in arrays.items():
            entry = zipfile.ZipInfo(f"{key}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            content = io.BytesIO()
            np.lib.format.write_array(content, array, version=(1, 0), allow_pickle=False)
            archive.writestr(entry, content.getvalue())


def _varies(lane: Lane) -> bool:
    return bool((lane.widths_m != lane.width_m).any())


def load_baked(path: Path) -> Road:
    """Reads a baked road; needs no `carla`. Raises InputError when the file is not one."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            about = json.loads(arrays["about"].tobytes())
            if about["format"] != FORMAT:
                raise ValueError(f"its format is {about['format']}, this version reads {FORMAT}")
            boxes = arrays["boxes"]
            lanes = _lanes(about["lanes"], *(arrays[key] for key in ("counts", "points", "heights", "widths")))
        objects = tuple(
            road_object(kind, name, box) for (kind, name), box in zip(about["objects"], boxes.tolist(), strict=True)
        )
        signals = tuple(RoadSignal(**dict(zip(RoadSignal.__slots__, row, strict=True))) for row in about["signals"])
        bridges = tuple(Bridge(**dict(zip(Bridge.__slots__, row, strict=True))) for row in about["bridges"])
    except (OSError, TypeError, ValueError, KeyError, IndexError, EOFError, zipfile.BadZipFile) as error:
        raise refusal(str(path), "baked map", f"cannot be read ({error}); {MEND_BAKED}") from error
    return Road(name=about["name"], digest=about["digest"], lanes=lanes, objects=objects, signals=signals,
                bridges=bridges)  # fmt: skip


def _lanes(rows: list[list[Any]], counts: Any, points: Array, heights: Any, widths: Any) -> tuple[Lane, ...]:
    """The lanes of a baked file, in the file's order."""
    cuts = np.cumsum(counts)[:-1]
    varying = iter(np.split(widths, np.cumsum([n for n, row in zip(counts, rows, strict=True) if row[13]])[:-1]))
    lanes = []
    for row, piece, height in zip(rows, np.split(points, cuts), np.split(heights, cuts), strict=True):
        width = next(varying) if row[13] else np.full(len(piece), row[5])
        lanes.append(
            Lane(road_id=row[0], section=row[1], lane_id=row[2], kind=row[3], forward=row[4], width_m=row[5],
                 points=frozen(piece), heights_m=frozen(height), widths_m=frozen(width), left=row[6], right=row[7],
                 successors=tuple(row[8]), stations_m=(row[9][0], row[9][1]), junction_id=row[10], road_kind=row[11],
                 marks=tuple(RoadMark(**dict(zip(RoadMark.__slots__, mark, strict=True))) for mark in row[12]))
        )  # fmt: skip
    return tuple(lanes)


def road_object(kind: str, name: str, numbers: Sequence[float]) -> RoadObject:
    """A thing from x, y, yaw, length, width, height, z and pitch, rounded to a micrometre."""
    x_m, y_m, yaw_rad, length_m, width_m, height_m, z_m, pitch_rad = (round(value, 6) + 0.0 for value in numbers)
    return RoadObject(kind=kind, name=name, x_m=x_m, y_m=y_m, yaw_rad=yaw_rad, length_m=length_m,
                      width_m=width_m, height_m=height_m, z_m=z_m, pitch_rad=pitch_rad)  # fmt: skip

"""Point clouds and positions for viewers: what lidar, radar and satellite receiver delivered."""

from math import cos, degrees, pi, sin

import numpy as np
from numpy.typing import NDArray

from scenarios.logbook import drawing
from scenarios.logbook.parts import record_extra
from stack.vocabulary import FixKind, GnssFix, LidarScan, RadarScan, SimNs

try:
    from foxglove.messages import (
        LocationFix,
        LocationFixPositionCovarianceType,
        PackedElementField,
        PackedElementFieldNumericType,
        PointCloud,
    )
except ModuleNotFoundError as absent:
    raise record_extra(absent) from absent

_LIDAR_ROW = np.dtype([(name, "<f4") for name in ("x", "y", "z", "reflectivity")])
_RADAR_ROW = np.dtype([(name, "<f4") for name in ("x", "y", "z", "range_rate_mps", "rcs_dbsm", "snr_db")])


def _cloud(rows: NDArray[np.void], frame: str, at: SimNs) -> PointCloud:
    """A structured array of single-precision columns as a cloud."""
    kind = rows.dtype
    listed = [(name, kind.fields[name]) for name in kind.names or ()] if kind.fields is not None else []
    return PointCloud(
        timestamp=drawing.stamp(at),
        frame_id=frame,
        pose=drawing.flat_pose(0.0, 0.0, 0.0, 0.0),
        point_stride=kind.itemsize,
        fields=[
            PackedElementField(name=name, offset=entry[1], type=PackedElementFieldNumericType.Float32)
            for name, entry in listed
        ],
        data=rows.tobytes(),
    )


def lidar_cloud(scan: LidarScan, frame: str, at: SimNs) -> PointCloud:
    """One revolution, in the sensor frame: the scan's own rows, byte for byte."""
    return _cloud(np.ascontiguousarray(scan.points).view(_LIDAR_ROW).reshape(-1), frame, at)


def radar_cloud(scan: RadarScan, frame: str, at: SimNs) -> PointCloud:
    """One cycle's reflections in the radar's plane."""
    rows = np.zeros(len(scan.detections), dtype=_RADAR_ROW)
    for number, echo in enumerate(scan.detections):
        x_m, y_m = echo.range_m * cos(echo.azimuth_rad), echo.range_m * sin(echo.azimuth_rad)
        rows[number] = (x_m, y_m, 0.0, echo.range_rate_mps, echo.rcs_dbsm, echo.snr_db)
    return _cloud(rows, frame, at)


def fix_location(fix: GnssFix, frame: str, at: SimNs) -> LocationFix | None:
    """A position on the earth; nothing while the receiver has none."""
    if fix.kind is FixKind.NONE:
        return None
    across, up = fix.horizontal_sigma_m**2, fix.vertical_sigma_m**2
    return LocationFix(
        timestamp=drawing.stamp(at),
        frame_id=frame,
        latitude=degrees(fix.latitude_rad),
        longitude=degrees(fix.longitude_rad),
        altitude=fix.height_m,
        position_covariance=[across, 0.0, 0.0, 0.0, across, 0.0, 0.0, 0.0, up],
        position_covariance_type=LocationFixPositionCovarianceType.DiagonalKnown,
        heading=(0.5 * pi - fix.course_rad) % (2.0 * pi),  # clockwise from north
    )

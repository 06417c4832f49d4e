"""How far the lidar model can be believed: each row measures whole scans and holds them to a cited figure.

Targets are flat plates square to the beam in an empty world. "(recalled)" marks a figure quoted from
memory of a public document, to be confirmed in it. See `sim.sensors.credibility` for how rows are read.

None of the rows is an independent proof of the model. Accuracy and the ranges in clear air are inputs of
the patterns: those rows show that a whole scan keeps them. The range in fog was used to set the near
field (`overlap_m`). Loss in fog and rain shows that the cited laws arrive in the points. How many false
points rain gives is held to no measurement: a drop's reflectivity is judged (`lidar_weather`).
"""

from dataclasses import replace
from functools import lru_cache
from math import log10
from typing import Any

import numpy as np

from sim.mount import Mount
from sim.randomness import entity_id
from sim.scenery.ground import GroundTable
from sim.scenery.mesh import Body
from sim.scenery.scene import Scenery
from sim.scenery.shapes import box, sheet
from sim.scenery.still import Piece, tiled
from sim.sensors.credibility import CredibilityRow
from sim.sensors.lidar import Lidar, LidarParameters
from sim.truth import COLUMNS, ActorKind, Conditions, Roster, TruthFrame
from stack.vocabulary import SimNs

_CLEAR = Conditions(friction_ratio=0.8, visibility_m=50_000.0, illuminance_lx=20_000.0)
_EGO_M = (1.0, 1.0, 1.0)
_MOUNT = Mount(x_m=-0.5, y_m=0.0, z_m=0.0, yaw_rad=0.0)  # at the world's origin: the ego stands there
_DARK, _LIGHT = "dark_plastic", "marking"  # 10 % and 75 %
_SCANS = 5

_HDL = "Velodyne HDL-64E S3 data sheet (recalled)"
_OS1 = "Ouster OS1 data sheet, first generation"
_FOG = "Bijelic, Gruber, Ritter, A benchmark for lidar sensors in fog, IEEE IV 2018: about 25 m and less (recalled)"
_RAIN = "ITU-R P.1814: 1.076 R**0.67 to 1.58 R**0.63 dB/km, that is 9.3 to 12.0 (recalled)"
_MIST = "Kim, McArthur, Korevaar, Proc. SPIE 4214 (2001): 13 dB over the visibility, 65 dB/km (recalled)"


@lru_cache(maxsize=32)
def _plate_scene(distance_m: float, width_m: float, height_m: float, material: str) -> Scenery:
    """An ego at the origin and a plate ahead, centred at the height of the sensor."""
    y, z = 0.5 * width_m, 0.5 * height_m
    corners = [(distance_m, y, -z), (distance_m, y, z), (distance_m, -y, z), (distance_m, -y, -z)]
    roster = Roster(
        names=("ego",),
        kinds=(ActorKind.CAR,),
        entities=np.array([entity_id("ego")], dtype=np.uint32),
        size_m=np.array([_EGO_M]),
        clearance_m=np.zeros(1),
        mass_kg=np.full(1, 1000.0),
    )
    body = Body(mesh=box((-0.5, -0.5, 0.0), (0.5, 0.5, 1.0), "paint"), colour=(0.5, 0.5, 0.5), semantic=14)
    ground = GroundTable(first=np.array([0, 1], dtype=np.int32), stations_m=np.zeros(1), heights_m=np.zeros(1))
    still = tiled((Piece(mesh=sheet(corners, material, both_sides=True), reach_m=1e9),))
    return Scenery(roster=roster, still=still, bodies=(body,), ground=ground)


def _scans(pattern: str, scene: Scenery, conditions: Conditions, *, exact: bool = False) -> Any:
    """Points and rows of several scans end to end: (n, 4), (n,)."""
    lidar = Lidar(1, scene.roster, LidarParameters(pattern=pattern, exact=exact), _MOUNT, scenery=scene)
    state = np.zeros((1, COLUMNS))
    state.flags.writeable = False
    points, rows = [], []
    for index in range(_SCANS):
        slot = SimNs(index * 100_000_000)
        frame = TruthFrame(at=slot, roster=scene.roster, conditions=conditions, state=state)
        points.append(lidar.sense(frame, slot).points)
        rows.append(lidar.latest.rows)
    return np.concatenate(points).astype(np.float64), np.concatenate(rows)


def _range_sigma_m(pattern: str, distances_m: tuple[float, ...], material: str) -> float:
    """Standard deviation of the distance of a plate's points from the plate."""
    errors = []
    for distance_m in distances_m:
        points, rows = _scans(pattern, _plate_scene(distance_m, 2.0, 2.0, material), _CLEAR)
        errors.append(points[rows == -1, 0] - distance_m)
    return float(np.std(np.concatenate(errors)))


def _half_range_m(pattern: str, material: str, conditions: Conditions, most_m: float) -> float:
    """The distance at which half of the shots at a plate come back from it, by halving."""

    def share(distance_m: float) -> float:
        scene = _plate_scene(distance_m, 0.1 * distance_m, 0.1 * distance_m, material)
        _, rows = _scans(pattern, scene, conditions)
        return float((rows == -1).sum()) / len(_scans(pattern, scene, conditions, exact=True)[1])

    low_m, high_m = 4.0, most_m
    while high_m - low_m > 0.5:
        middle_m = 0.5 * (low_m + high_m)
        low_m, high_m = (middle_m, high_m) if share(middle_m) >= 0.5 else (low_m, middle_m)
    return low_m


def _points_on(pattern: str, distance_m: float, width_m: float, height_m: float) -> float:
    """Returns per scan from a plate."""
    _, rows = _scans(pattern, _plate_scene(distance_m, width_m, height_m, _LIGHT), _CLEAR)
    return float((rows == -1).sum()) / _SCANS


def _extinction_db_per_km(conditions: Conditions, near_m: float, far_m: float) -> float:
    """One-way loss from the drop of the reported reflectivity of a plate between two distances."""
    seen = []
    for distance_m in (near_m, far_m):
        points, rows = _scans("velodyne_hdl_64e", _plate_scene(distance_m, 3.0, 3.0, "sign_white"), conditions)
        seen.append(float(np.median(points[rows == -1, 3])))
    return 0.5 * 10.0 * log10(seen[0] / seen[1]) / (far_m - near_m) * 1000.0


# fmt: off
ROWS: tuple[CredibilityRow, ...] = (
    CredibilityRow(quantity="lidar range accuracy, 64 lasers", unit="m", low=0.015, high=0.025,
                   valid_from_m=2.0, valid_to_m=50.0, source=f"{_HDL}: 2 cm, one sigma",
                   measure=lambda: _range_sigma_m("velodyne_hdl_64e", (10.0, 25.0, 45.0), _LIGHT)),
    CredibilityRow(quantity="lidar range accuracy, 128 lasers", unit="m", low=0.012, high=0.02,
                   valid_from_m=2.0, valid_to_m=25.0, source=f"{_OS1}: 1.5 cm, one sigma, at a high signal",
                   measure=lambda: _range_sigma_m("ouster_os1_128", (5.0, 10.0, 20.0), _LIGHT)),
    CredibilityRow(quantity="lidar range at 10 % reflectivity, 64 lasers", unit="m", low=45.0, high=55.0,
                   valid_from_m=2.0, valid_to_m=60.0, source=f"{_HDL}: 50 m",
                   measure=lambda: _half_range_m("velodyne_hdl_64e", _DARK, _CLEAR, 120.0)),
    CredibilityRow(quantity="lidar range at 10 % reflectivity, 128 lasers", unit="m", low=36.0, high=44.0,
                   valid_from_m=2.0, valid_to_m=50.0, source=f"{_OS1}: 40 m",
                   measure=lambda: _half_range_m("ouster_os1_128", _DARK, _CLEAR, 120.0)),
    CredibilityRow(quantity="lidar range at 75 % reflectivity, 64 lasers", unit="m", low=108.0, high=120.0,
                   valid_from_m=2.0, valid_to_m=120.0, source=f"{_HDL}: 120 m at 80 %, 117 m by its own fall-off",
                   measure=lambda: _half_range_m("velodyne_hdl_64e", _LIGHT, _CLEAR, 120.0)),
    CredibilityRow(quantity="lidar points on a car's rear at 40 m, 64 lasers", unit="", low=55.0, high=90.0,
                   valid_from_m=10.0, valid_to_m=80.0,
                   source=f"{_HDL}: 1.8 m x 1.4 m at 0.2 by 0.33 degrees is 13 columns of 4 to 6 lasers",
                   measure=lambda: _points_on("velodyne_hdl_64e", 40.0, 1.8, 1.4)),
    CredibilityRow(quantity="lidar range at 75 % reflectivity in fog of 40 m", unit="m", low=12.0, high=28.0,
                   valid_from_m=2.0, valid_to_m=60.0, source=_FOG,
                   measure=lambda: _half_range_m("velodyne_hdl_64e", _LIGHT,
                                                 replace(_CLEAR, visibility_m=40.0), 60.0)),
    CredibilityRow(quantity="lidar light lost in fog of 200 m", unit="dB/km", low=55.0, high=75.0,
                   valid_from_m=2.0, valid_to_m=60.0, source=_MIST,
                   measure=lambda: _extinction_db_per_km(replace(_CLEAR, visibility_m=200.0), 10.0, 40.0)),
    CredibilityRow(quantity="lidar light lost in rain of 25 mm/h", unit="dB/km", low=7.5, high=13.5,
                   valid_from_m=2.0, valid_to_m=100.0, source=_RAIN,
                   measure=lambda: _extinction_db_per_km(replace(_CLEAR, rain_mmph=25.0), 10.0, 90.0)),
)
# fmt: on

"""A satellite navigation receiver: `GnssFix` from truth.

Each satellite in direct sight gives a range with errors that live through time (ionosphere, orbit and
clock, multipath) and noise; least squares turn them into the position's error, so a hidden part of
the sky shows as fewer satellites, larger errors and jumps. A satellite that comes into sight is used
after a re-acquisition time; with fewer than four there is no fix and the last position stands.

Defaults describe a receiver of the class of u-blox's NEO-M8 (public datasheet UBX-13003366, recalled,
to be confirmed in it: position 2.5 m CEP without corrections, velocity 0.05 m/s and heading 0.3
degrees at 50 %, re-acquisition 1 s). With `corrections` it is one of the class of the ZED-F9P
(datasheet UBX-17051259, recalled: 0.01 m CEP with a base station near, convergence below 10 s).
"""
# ruff: noqa: ANN001, ANN201, ANN202 - numba kernels carry no annotations

from dataclasses import dataclass
from math import atan2, cos, hypot, pi, radians, sin, sqrt
from typing import Any, NamedTuple

import numpy as np
from numba import njit

from sim.randomness import stream_key
from sim.scenery.scene import Scenery
from sim.sensors.correlated import SlotClock, four_normals, step_noise, unit_noise
from sim.sensors.geodesy import geographic_from_plane
from sim.sensors.mounts import GNSS_MOUNT, Mount
from sim.sensors.packing import packed
from sim.sensors.sky import constellation, hear, position_error, solid_boxes
from sim.truth import LATERAL_SPEED, SPEED, YAW, YAW_RATE, Roster, TruthFrame, X, Y
from stack.vocabulary import Finding, FixKind, GnssFix, InputError, SimNs
from stack.vocabulary.construction import maker

_fix = maker(GnssFix)


@dataclass(frozen=True, slots=True, kw_only=True)
class GnssParameters:
    """Errors of one receiver. Sigmas are one standard deviation of a satellite's range unless said otherwise.

    The budget follows the parts of a single-frequency user's range error in the GPS SPS Performance
    Standard, 5th edition (2020), appendix B (recalled); its sizes are set so that the position meets
    the datasheet.
    """

    satellites: float = 16.0  # two constellations above the mask
    mask_rad: float = radians(10.0)
    ionosphere_sigma_m: float = 2.5  # at the zenith; what the broadcast model leaves
    ionosphere_tau_s: float = 300.0
    orbit_sigma_m: float = 1.0  # orbit and clock; SPS PS 2020: 2.0 m for the constellation's rms promised
    orbit_tau_s: float = 900.0
    multipath_sigma_m: float = 0.7  # open sky
    multipath_hidden_m: float = 12.0  # more of it as the square of the hidden share of the sky (own)
    multipath_known_ratio: float = 0.5  # how much of that growth the receiver's own sigma allows for (own)
    multipath_tau_s: float = 15.0
    troposphere_sigma_m: float = 0.2
    troposphere_tau_s: float = 600.0
    noise_sigma_m: float = 0.3  # of one measurement after carrier smoothing
    reacquire_s: float = 1.0
    velocity_sigma_mps: float = 0.042  # per axis: 0.05 m/s at 50 % of a plane error
    course_hold_mps: float = 0.5  # slower than this the course stands still
    # Carrier phase with a reference station: 1 or 0. What is left of the range errors in either state.
    corrections: float = 0.0
    fixed_sky_ratio: float = 0.6  # least share of satellites in use for carrier phase
    fixing_s: float = 8.0  # from carrier phase to fixed ambiguities
    float_left_ratio: float = 0.12
    fixed_left_ratio: float = 0.0045


class _Tracking(NamedTuple):
    """What the receiver keeps between slots, arrays for the kernel."""

    sky: Any  # (n, 4)
    boxes: Any  # (m, BOX_COLUMNS)
    noise: Any  # (n, 4): ionosphere, orbit and clock, multipath, troposphere
    taus_s: Any  # (4,)
    entities: Any  # (n,)
    in_sight_s: Any  # (n,) since it came into sight; below 0: hidden
    carrier_s: Any  # (1,) since carrier phase has been possible
    heard: Any  # (n,)
    used: Any  # (n,)
    errors: Any  # (n,)
    sigmas: Any  # (n,)
    matrix: Any  # (4, 9)
    result: Any  # (6,)
    parameters: Any
    key: Any


@njit(cache=True, error_model="numpy")
def _observe(t, x, y, z, slot, dt_s):  # type: ignore[no-untyped-def]
    """Step the receiver to a slot; (satellites used, state: 0 none, 1 single, 2 float, 3 fixed); fills `t.result`."""
    p = t.parameters[0]
    count = t.sky.shape[0]
    if dt_s != 0.0:
        step_noise(t.noise, t.taus_s, dt_s, t.key, t.entities, slot)
    hear(t.sky, t.boxes, x, y, z, t.heard)
    hidden, used = 0, 0
    for k in range(count):
        if t.heard[k] == 0.0:
            t.in_sight_s[k] = -1.0
            hidden += 1
        elif dt_s < 0.0:
            t.in_sight_s[k] = p.reacquire_s
        elif t.in_sight_s[k] < 0.0:
            t.in_sight_s[k] = 0.0
        else:
            t.in_sight_s[k] += dt_s
        t.used[k] = 1.0 if t.in_sight_s[k] >= p.reacquire_s else 0.0
        used += int(t.used[k])
    hidden_ratio = hidden / count
    carrier = p.corrections > 0.5 and used >= 5 and used >= p.fixed_sky_ratio * count
    if not carrier:
        t.carrier_s[0] = -1.0
    elif t.carrier_s[0] < 0.0:
        t.carrier_s[0] = p.fixing_s if dt_s < 0.0 else 0.0
    else:
        t.carrier_s[0] += max(dt_s, 0.0)
    state, left = 1, 1.0
    if carrier:
        state, left = (3, p.fixed_left_ratio) if t.carrier_s[0] >= p.fixing_s else (2, p.float_left_ratio)
    grown = p.multipath_hidden_m * hidden_ratio * hidden_ratio
    multipath, believed = p.multipath_sigma_m + grown, p.multipath_sigma_m + p.multipath_known_ratio * grown
    for k in range(count):
        # Mapping of a thin layer at 350 km (ionosphere) and of a flat one (troposphere): IS-GPS-200, Klobuchar.
        flat = cos(t.sky[k, 3]) / 1.055
        slant = 1.0 / sqrt(1.0 - flat * flat)
        ionosphere = p.ionosphere_sigma_m * slant
        troposphere = p.troposphere_sigma_m / sin(t.sky[k, 3])
        white, _a, _b, _c = four_normals(t.key, t.entities[k], slot, 1)
        error = ionosphere * t.noise[k, 0] + p.orbit_sigma_m * t.noise[k, 1]
        error += multipath * t.noise[k, 2] + troposphere * t.noise[k, 3] + p.noise_sigma_m * white
        variance = ionosphere**2 + p.orbit_sigma_m**2 + believed**2 + troposphere**2 + p.noise_sigma_m**2
        t.errors[k] = left * error
        t.sigmas[k] = left * sqrt(variance)
    if used < 4 or not position_error(t.sky, t.used, t.errors, t.sigmas, t.matrix, t.result):
        return used, 0
    return used, state


_KINDS = (FixKind.NONE, FixKind.SINGLE, FixKind.FLOAT, FixKind.FIXED)
_NOWHERE_SIGMA_M = 1e6  # before the first fix: somewhere on Earth


class Gnss:
    """A receiver on the ego. `name` is its stream of chance. Without `scenery` the sky is open, the ground level."""

    def __init__(
        self,
        seed: int,
        roster: Roster,
        parameters: GnssParameters | None = None,
        mount: Mount = GNSS_MOUNT,
        name: str = "gnss",
        scenery: Scenery | None = None,
    ) -> None:
        p = parameters or GnssParameters()
        _refuse_impossible(p)
        self._p, self._mount, self._scenery = p, mount, scenery
        self._half_length_m = 0.5 * float(roster.size_m[0, 0])
        count = int(p.satellites)
        key = stream_key(seed, name)
        self._key = key
        self._tracking = _Tracking(
            sky=constellation(stream_key(seed, f"{name}.sky"), count, p.mask_rad),
            boxes=solid_boxes(() if scenery is None else scenery.still.fixtures),
            noise=unit_noise(count, 4),
            taus_s=np.array([p.ionosphere_tau_s, p.orbit_tau_s, p.multipath_tau_s, p.troposphere_tau_s]),
            entities=np.arange(count, dtype=np.uint32),
            in_sight_s=np.full(count, -1.0),
            carrier_s=np.full(1, -1.0),
            heard=np.zeros(count),
            used=np.zeros(count),
            errors=np.zeros(count),
            sigmas=np.zeros(count),
            matrix=np.zeros((4, 9)),
            result=np.zeros(6),
            parameters=packed(p),
            key=key,
        )
        self._clock = SlotClock()
        self._last = _fix(
            kind=FixKind.NONE, latitude_rad=0.0, longitude_rad=0.0, height_m=0.0, horizontal_sigma_m=_NOWHERE_SIGMA_M,
            vertical_sigma_m=_NOWHERE_SIGMA_M, speed_mps=0.0, course_rad=0.0, satellites=0,
        )  # fmt: skip
        self._last_at = SimNs(0)

    def sense(self, frame: TruthFrame, slot: SimNs) -> GnssFix:
        """The position at a slot, or the last one if too few satellites are heard."""
        x_m, y_m, z_m, vx_mps, vy_mps = self._antenna(frame)
        used, state = _observe(self._tracking, x_m, y_m, z_m, slot, self._clock.step_s(slot))
        if state == 0:
            return self._lost(used, slot)
        east_m, north_m, up_m, east_sigma_m, north_sigma_m, up_sigma_m = self._tracking.result.tolist()
        latitude_rad, longitude_rad = geographic_from_plane(x_m + east_m, y_m + north_m)
        n0, n1, _n2, _n3 = four_normals(self._key, 0, slot, 2)
        vx_mps += self._p.velocity_sigma_mps * n0
        vy_mps += self._p.velocity_sigma_mps * n1
        speed_mps = hypot(vx_mps, vy_mps)
        moving = speed_mps >= self._p.course_hold_mps
        self._last = _fix(
            kind=_KINDS[state],
            latitude_rad=latitude_rad,
            longitude_rad=longitude_rad,
            height_m=z_m + up_m,
            horizontal_sigma_m=sqrt(0.5 * (east_sigma_m**2 + north_sigma_m**2)),
            vertical_sigma_m=up_sigma_m,
            speed_mps=speed_mps,
            course_rad=atan2(vy_mps, vx_mps) if moving else self._last.course_rad,
            satellites=used,
        )
        self._last_at = slot
        return self._last

    def sky_view(self) -> tuple[tuple[float, float, float, bool], ...]:
        """Each satellite's direction (east, north, up) and whether it was in sight at the last slot."""
        t = self._tracking
        return tuple((*row[:3], heard == 1.0) for row, heard in zip(t.sky.tolist(), t.heard.tolist(), strict=True))

    def _lost(self, used: int, slot: SimNs) -> GnssFix:
        """The last fix, its sigmas grown by the way driven since at the last speed."""
        last, way_m = self._last, self._last.speed_mps * (slot - self._last_at) * 1e-9
        return _fix(
            kind=FixKind.NONE,
            latitude_rad=last.latitude_rad,
            longitude_rad=last.longitude_rad,
            height_m=last.height_m,
            horizontal_sigma_m=hypot(last.horizontal_sigma_m, way_m),
            vertical_sigma_m=hypot(last.vertical_sigma_m, 0.1 * way_m),  # roads climb by a tenth at most
            speed_mps=last.speed_mps,
            course_rad=last.course_rad,
            satellites=used,
        )

    def _antenna(self, frame: TruthFrame) -> tuple[float, float, float, float, float]:
        """Place (m) and horizontal velocity (m/s) of the antenna in the world."""
        x, y, yaw, speed, aside, turning = frame.state[0, [X, Y, YAW, SPEED, LATERAL_SPEED, YAW_RATE]].tolist()
        ahead, left, up = self._half_length_m + self._mount.x_m, self._mount.y_m, self._mount.z_m
        c, s = cos(yaw), sin(yaw)
        vx, vy = speed - turning * left, aside + turning * ahead
        place = (x + c * ahead - s * left, y + s * ahead + c * left, up)
        if self._scenery is not None:
            pose = self._scenery.poses(frame)[0][0]
            place = tuple((pose[:, 3] + pose[:, :3] @ np.array([ahead, left, up])).tolist())
        return place[0], place[1], place[2], c * vx - s * vy, s * vx + c * vy


def _refuse_impossible(p: GnssParameters) -> None:
    """Refuse a receiver that cannot be, all findings at once."""
    wrong = []
    if not 4 <= p.satellites <= 60 or p.satellites != int(p.satellites):
        wrong.append(("satellites", p.satellites, "a whole number from 4 to 60"))
    if not 0.0 < p.mask_rad < 0.5 * pi:
        wrong.append(("mask_rad", p.mask_rad, "between 0 and pi / 2"))
    for field in ("ionosphere_tau_s", "orbit_tau_s", "multipath_tau_s", "troposphere_tau_s", "noise_sigma_m"):
        if not getattr(p, field) > 0.0:
            wrong.append((field, getattr(p, field), "above 0"))
    if wrong:
        raise InputError(
            tuple(
                Finding(where="sensor gnss", field=field, problem=f"{value} cannot be: give {least}")
                for field, value, least in wrong
            )
        )

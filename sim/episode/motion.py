"""Motion of everything in an episode that has a body: vehicles, walkers and props, and what they touch.

World axes after ISO 8855, SI units, radians; vectors are (x, y, z). Controls and sheets are CARLA's
structs, so steering is positive to the right there. Guarantee: what happens depends on the bodies, in
the order of their entities, and on nothing else: not on rows, on what was removed before, or on bodies
out of reach. Every number that comes in is bounded, so all states stay finite.
"""

from bisect import bisect, bisect_left
from math import ceil, cos, degrees, hypot, sin
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim import left_handed
from sim.blueprints.blueprint import Body
from sim.episode import bodies as b
from sim.episode import chassis, collisions, motion_kernel, telemetry
from sim.episode.bodies import COLUMNS
from sim.episode.ground import BOX_LABEL, Ground
from sim.episode.scene import Pose
from sim.episode.structs import (
    AckermannControllerSettings,
    Vector3D,
    VehicleAckermannControl,
    VehicleControl,
    VehiclePhysicsControl,
    VehicleTelemetryData,
)
from sim.episode.zones import ZONE_COLUMNS, zone_of

Triple = tuple[float, float, float]

LONGEST_STEP_S: Final = 0.0125  # own: longer steps are divided, whatever the client asks for
LONGEST_PIECE_S: Final = 0.05  # own: a list of near pairs serves so long
SHORTEST_TICK_S: Final = 1e-6  # own: in less nothing moves
LONGEST_TICK_S: Final = 10.0  # own: of a longer tick only so much is moved
FARTHEST_M: Final = 1e6  # own: no body is placed further out
MOST_PAIRS: Final = 200_000  # own: of bodies that are near each other; further ones pass through
LIFT_MPS: Final = 0.5  # own: an upward speed that suspension does not take up
STEPPED_M: Final = 5.0  # own: a walker that is put further away did not walk there

__all__ = ["COLUMNS", "Motion", "Touch"]


class Touch(NamedTuple):
    """What two bodies, or a body and the map (`second` -1), exchanged within a tick."""

    first: int  # row
    second: int  # row, or -1 for the map
    label: int  # CARLA's semantic label of a fixture of the map; 0 for a body
    impulse_ns: Triple  # on the first, N s
    point_m: Triple


class Motion:
    """All bodies of an episode."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self._arrays = b.empty(16)
        self._pairs = collisions.room(16, 256)
        self._order = np.zeros(16, dtype=np.int64)
        self._entities: dict[int, int] = {}  # by row
        self._ranks: list[tuple[int, int]] = []  # entity and row, in order
        self._bodies: dict[int, Body] = {}
        self._sheets: dict[int, tuple[VehiclePhysicsControl, VehiclePhysicsControl]] = {}  # now, as it came
        self._free: list[int] = list(range(15, -1, -1))
        self._zones: dict[int, NDArray[np.float64]] = {}
        self._zone_table = np.zeros((0, ZONE_COLUMNS))
        self._next_zone = 0

    # -- who there is ---------------------------------------------------------------------------

    @property
    def state(self) -> NDArray[np.float64]:
        """(capacity, COLUMNS): place, velocity, ...; columns are named in `sim.episode.bodies`."""
        state: NDArray[np.float64] = self._arrays.body[:, : b.COLUMNS]
        return state

    @property
    def pedals(self) -> NDArray[np.float64]:
        """(capacity, 3): throttle, steer (positive right) and brake as they are applied."""
        pedals: NDArray[np.float64] = self._arrays.body[:, b.THROTTLE : b.BRAKE + 1]
        return pedals

    @property
    def modes(self) -> NDArray[np.int64]:
        """(capacity, 5): hand brake, reverse, manual gears, gear, failure (1: rolled over)."""
        modes: NDArray[np.int64] = self._arrays.flags[:, : b.MODE_COLUMNS]
        return modes

    @property
    def rows(self) -> NDArray[np.int64]:
        """Rows in use, in the order of their entities."""
        return self._order[: len(self._entities)].copy()

    def add(self, body: Body, pose: Pose, sheet: VehiclePhysicsControl | None, entity: int) -> int:
        """A new body at rest; with a sheet it is a vehicle. Returns its row."""
        if not self._free:
            self._grow()
        row = self._free.pop()
        kind = chassis.kind_of(body, sheet)
        chassis.seat(self._arrays, row, body, kind, _bounded_pose(pose))
        self._bodies[row], self._entities[row] = body, entity
        if sheet is not None:
            self._sheets[row] = (sheet, sheet)
            chassis.equip(self._arrays, row, body, sheet, sheet)
        self._enlist(row, entity)
        return row

    def remove(self, row: int) -> None:
        """Take a body out; its row is free for another."""
        self._strike(row, self._entities.pop(row))
        del self._bodies[row]
        self._sheets.pop(row, None)
        for array in self._arrays:
            array[row] = 0
        self._free.append(row)

    def blocked(self, body: Body, pose: Pose) -> bool:
        """Whether a body could not be put there because another one or a fixture is in the way."""
        kind = b.WALKER if body.kind in chassis.WALKERS else b.PROP
        below_m = chassis.feet_below_m(body, kind)
        size = (0.5 * body.length_m, 0.5 * body.width_m, body.clearance_m - below_m, body.height_m - below_m)
        place = _bounded_pose(pose)
        return bool(
            motion_kernel.is_blocked(
                *self._arrays, self._order, len(self._entities), self.ground.fixtures, *place[:4], *size
            )
        )

    # -- what bodies are asked to do ------------------------------------------------------------

    def set_control(self, row: int, control: VehicleControl) -> None:
        """Pedals that stay until the next ones; Ackermann control ends."""
        self._arrays.flags[row, b.ACKERMANN] = 0
        pedals, modes = self._arrays.body[row], self._arrays.flags[row]
        pedals[b.THROTTLE] = _within(control.throttle, 0.0, 1.0)
        pedals[b.STEER] = _within(control.steer, -1.0, 1.0)
        pedals[b.BRAKE] = _within(control.brake, 0.0, 1.0)
        modes[b.HAND_BRAKE], modes[b.REVERSE] = int(control.hand_brake), int(control.reverse)
        modes[b.MANUAL] = int(control.manual_gear_shift)
        if control.manual_gear_shift:
            self._arrays.flags[row, b.TARGET_GEAR] = min(max(control.gear, -1), b.MOST_GEARS)
            self._arrays.body[row, b.SHIFTING_S] = 0.0
            modes[b.REVERSE] = int(control.gear < 0)

    def reset_control(self, row: int) -> None:
        """Let go of all pedals."""
        self.set_control(row, VehicleControl())

    def control(self, row: int) -> VehicleControl:
        """Pedals as they are applied, with the gear that is engaged."""
        throttle, steer, brake = self.pedals[row].tolist()
        hand, reverse, manual, gear, _ = self.modes[row].tolist()
        return VehicleControl(throttle, steer, brake, bool(hand), bool(reverse), bool(manual), gear)

    def gear(self, row: int) -> int:
        """The gear that is engaged: -1 reverse, 0 neutral."""
        return int(self._arrays.flags[row, b.GEAR])

    def set_ackermann(self, row: int, control: VehicleAckermannControl) -> None:
        """A speed and a steering angle to reach, until pedals are set again."""
        asked = self._arrays.body[row]
        if self._arrays.flags[row, b.ACKERMANN] == 0:
            asked[b.SPEED_SUM : b.STEERED] = 0.0
            asked[b.STEERED] = -asked[b.ANGLE]
        self._arrays.flags[row, b.ACKERMANN] = 1
        asked[b.WANTED_STEER : b.WANTED_JERK + 1] = np.clip(control, -1e3, 1e3)

    def ackermann_settings(self, row: int) -> AckermannControllerSettings:
        """Gains of the vehicle's Ackermann controller."""
        return AckermannControllerSettings(*self._arrays.body[row, b.SPEED_KP : b.ACCEL_KD + 1].tolist())

    def set_ackermann_settings(self, row: int, settings: AckermannControllerSettings) -> None:
        """Other gains."""
        chassis.set_gains(self._arrays, row, settings)

    def set_walker(self, row: int, direction_iso: Triple, speed_mps: float, jump: bool = False) -> None:
        """Walk in a direction of the world (its length counts up to 1) until told otherwise."""
        x, y, _ = (_within(one, -1e6, 1e6) for one in direction_iso)
        length = max(hypot(x, y), 1.0)
        held = self._arrays.body[row]
        held[b.WALK_X], held[b.WALK_Y] = x / length, y / length
        held[b.WALK_SPEED] = _within(speed_mps, 0.0, b.FASTEST_MPS)
        self._arrays.flags[row, b.JUMP] = int(jump)

    def walker_control(self, row: int) -> tuple[Triple, float, bool]:
        """Direction, speed and jump as asked for."""
        x, y, speed_mps = self._arrays.body[row, b.WALK_X : b.WALK_SPEED + 1].tolist()
        return (x, y, 0.0), speed_mps, bool(self._arrays.flags[row, b.JUMP])

    def walker_state(self, row: int, pose: Pose, speed_mps: float) -> None:
        """Put a walker where navigation has it (`pose` is of its origin), walking on as it looks."""
        state, place = self._arrays.body[row], _bounded_pose(pose)
        moved_m = hypot(place.x_m - state[b.X], place.y_m - state[b.Y])
        state[b.WAY_M] += moved_m if moved_m < STEPPED_M else 0.0
        state[: len(place)] = place
        c, s = cos(place.yaw_rad), sin(place.yaw_rad)
        self.set_walker(row, (c, s, 0.0), speed_mps)
        fast_mps = _within(speed_mps, 0.0, b.FASTEST_MPS)
        state[b.VX], state[b.VY] = fast_mps * c, fast_mps * s
        self._bound(row)
        self._settle(row)
        self._arrays.flags[row, b.SAMPLED] = 0

    # -- what is done to bodies -----------------------------------------------------------------

    def place(self, row: int, pose: Pose) -> None:
        """Teleport: velocities stay, unless the body is not simulated."""
        state, flags = self._arrays.body[row], self._arrays.flags[row]
        place = _bounded_pose(pose)
        state[: len(place)] = place
        if flags[b.SIMULATED] == 0:
            state[b.VX : b.AZ + 1] = 0.0
            self._settle(row)
        flags[b.SAMPLED], flags[b.AIRBORNE] = 0, 0
        self._arrays.flags[row, b.FAILURE] = 0

    def set_velocity(self, row: int, velocity: Triple) -> None:
        """Move so from now on."""
        self._arrays.body[row, b.VX : b.VZ + 1] = [_within(one, -1e6, 1e6) for one in velocity]
        self._bound(row)
        self._settle(row)
        self._lift_off(row)

    def set_spin(self, row: int, spin: Triple) -> None:
        """Turn so from now on, rad/s."""
        self._arrays.body[row, b.WX : b.WZ + 1] = [_within(one, -1e6, 1e6) for one in spin]
        self._bound(row)

    def set_constant_velocity(self, row: int, velocity_body: Triple | None) -> None:
        """Hold a velocity along the body's own axes, whatever pushes; None lets go."""
        self._arrays.flags[row, b.CONSTANT] = int(velocity_body is not None)
        if velocity_body is not None:
            held = self._arrays.body[row]
            held[b.CONSTANT_X : b.CONSTANT_Z + 1] = [
                _within(one, -b.FASTEST_MPS, b.FASTEST_MPS) for one in velocity_body
            ]

    def push(self, row: int, impulse: Triple, at: Triple | None = None) -> None:
        """An impulse (N s) at the centre of mass, or at a place of the world."""
        jx, jy, jz = (_within(one, -1e15, 1e15) for one in impulse)
        state = self._arrays.body[row]
        if self._arrays.flags[row, b.SIMULATED] == 0:
            return
        spot = self._centre(row) if at is None else tuple(_within(one, -1e7, 1e7) for one in at)
        collisions.kick(*self._arrays, row, jx, jy, spot[0], spot[1])
        state[b.VZ] += jz / state[b.MASS]
        self._bound(row)
        self._lift_off(row)

    def pull(self, row: int, force: Triple, at: Triple | None = None) -> None:
        """A force (N) for the next tick, at the centre of mass or at a place of the world."""
        fx, fy, fz = (_within(one, -1e12, 1e12) for one in force)
        held = self._arrays.body[row]
        held[b.FORCE_X : b.FORCE_Z + 1] += (fx, fy, fz)
        if at is not None:
            centre = self._centre(row)
            arm_x, arm_y = (_within(at[k], -1e7, 1e7) - centre[k] for k in range(2))
            held[b.TORQUE_Z] += arm_x * fy - arm_y * fx

    def twist(self, row: int, angular_impulse: Triple) -> None:
        """An angular impulse (N m s)."""
        if self._arrays.flags[row, b.SIMULATED] == 0:
            return
        state = self._arrays.body[row]
        x, y, z = (_within(one, -1e15, 1e15) for one in angular_impulse)
        turn = z / state[b.YAW_INERTIA]
        cg = state[b.CG_AHEAD]
        state[b.VX] += turn * cg * sin(state[b.YAW])
        state[b.VY] -= turn * cg * cos(state[b.YAW])
        state[b.WZ] += turn
        if self._arrays.flags[row, b.AIRBORNE]:
            state[b.WX] += x / state[b.ROLL_INERTIA]
            state[b.WY] += y / state[b.PITCH_INERTIA]
        self._bound(row)

    def torque(self, row: int, torque: Triple) -> None:
        """A torque (N m) for the next tick."""
        held = self._arrays.body[row]
        held[b.TORQUE_X : b.TORQUE_Z + 1] += [_within(one, -1e12, 1e12) for one in torque]

    def simulate(self, row: int, on: bool) -> None:
        """Off: the body stays where it is put, and others run into it as into a wall."""
        self._arrays.flags[row, b.SIMULATED] = int(on)
        self._arrays.flags[row, b.SAMPLED] = 0
        if not on:
            self._arrays.body[row, b.VX : b.AZ + 1] = 0.0
            self._settle(row)

    def gravity(self, row: int, on: bool) -> None:
        """Off: the body neither falls nor rolls downhill; its tyres hold as before."""
        self._arrays.flags[row, b.HEAVY] = int(on)

    def touchable(self, row: int, on: bool) -> None:
        """Off: the body passes through others and through fixtures, not through the ground."""
        self._arrays.flags[row, b.TOUCHABLE] = int(on)

    # -- what vehicles are ----------------------------------------------------------------------

    def sheet(self, row: int) -> VehiclePhysicsControl:
        """The sheet in force; wheel positions are those of now (CARLA's world axes, cm)."""
        sheet = self._sheets[row][0]
        places = [left_handed.mirrored(*place) for place in telemetry.wheel_places(self._arrays, row)]
        wheels = tuple(
            wheel._replace(position=Vector3D(*(100.0 * one for one in places[min(k, len(places) - 1)])))
            for k, wheel in enumerate(sheet.wheels)
        )
        return sheet._replace(wheels=wheels)

    def set_sheet(self, row: int, sheet: VehiclePhysicsControl) -> None:
        """Drive by another sheet from the next tick on; with other wheels than the vehicle has, by their first ones."""
        original = self._sheets[row][1]
        wheels = (*sheet.wheels[: len(original.wheels)], *original.wheels[len(sheet.wheels) :])
        fitted = sheet._replace(wheels=wheels)
        self._sheets[row] = (fitted, original)
        chassis.equip(self._arrays, row, self._bodies[row], fitted, original)

    def telemetry(self, row: int) -> VehicleTelemetryData:
        """What engine, wheels and tyres do."""
        return telemetry.telemetry_of(self._arrays, row, self._sheets[row][0])

    def wheel_angle_deg(self, row: int, wheel: int) -> float:
        """Steering angle of a wheel, positive to the right, as CARLA has it."""
        return -degrees(telemetry.wheel_angle_rad(self._arrays, row, wheel))

    def failure(self, row: int) -> int:
        """1 if the vehicle lies on its side or roof, else 0."""
        return int(self._arrays.flags[row, b.FAILURE])

    # -- zones of another friction --------------------------------------------------------------

    def add_zone(self, pose: Pose, half_m: Triple, friction: float) -> int:
        """A box within which tyres have this friction, in CARLA's measure (3.5 is dry road); returns its number."""
        number, self._next_zone = self._next_zone, self._next_zone + 1
        self._zones[number] = zone_of(_bounded_pose(pose), half_m, chassis.grip_of(friction))
        self._tabulate_zones()
        return number

    def remove_zone(self, number: int) -> None:
        """Take a zone away."""
        del self._zones[number]
        self._tabulate_zones()

    # -- time -----------------------------------------------------------------------------------

    def step(self, delta_s: float, substeps: int) -> tuple[Touch, ...]:
        """Move everything on by one tick in at least so many steps; who touched whom."""
        delta_s = min(max(delta_s, 0.0), LONGEST_TICK_S)
        count = len(self._entities)
        if delta_s < SHORTEST_TICK_S or count == 0:
            return ()
        steps = max(int(substeps), ceil(delta_s / LONGEST_STEP_S - 1e-9), 1)
        pieces = min(max(ceil(delta_s / LONGEST_PIECE_S - 1e-9), 1), steps)
        steps = -(-steps // pieces)
        h = delta_s / (pieces * steps)
        touches: dict[tuple[int, int, int], list[Any]] = {}
        for _ in range(pieces):
            found = self._advance(count, h, steps)
            if found and motion_kernel.any_touch(self._pairs, found):
                self._gather(found, touches)
        motion_kernel.finish(*self._arrays, self._order, count, delta_s)
        return tuple(_touch(key, sums) for key, sums in touches.items())

    def _advance(self, count: int, h: float, steps: int) -> int:
        while True:
            found = int(
                motion_kernel.advance(
                    *self._arrays, self._order, count, self.ground.surfaces, self.ground.fixtures, self._pairs,
                    self._zone_table, h, steps, MOST_PAIRS,
                )
            )  # fmt: skip
            if found <= len(self._pairs.keys):
                return found
            self._pairs = collisions.room(len(self._arrays.body), min(2 * found, MOST_PAIRS))

    def _gather(self, found: int, touches: dict[tuple[int, int, int], list[Any]]) -> None:
        """Add up what a piece's pairs exchanged, the first being the one of the lower entity."""
        sums = self._pairs.sums[:found]
        for k in np.flatnonzero(sums[:, collisions.WEIGHT] > 0.0).tolist():
            first, second, fixture = self._pairs.keys[k].tolist()
            label = int(self.ground.fixtures.boxes[fixture, BOX_LABEL]) if fixture >= 0 else 0
            row = sums[k].copy()
            if second >= 0 and self._entities[second] < self._entities[first]:
                first, second = second, first
                row[: collisions.SUM_Z + 1] *= -1.0
            kept = touches.setdefault((first, second, label), [np.zeros(collisions.SUM_COLUMNS)])
            kept[0] += row

    # -- inside ---------------------------------------------------------------------------------

    def _centre(self, row: int) -> Triple:
        x, y, z, yaw = self._arrays.body[row, : b.YAW + 1].tolist()
        cg, height = self._arrays.body[row, b.CG_AHEAD : b.CG_HEIGHT + 1].tolist()
        return x + cg * cos(yaw), y + cg * sin(yaw), z + height

    def _bound(self, row: int) -> None:
        state = self._arrays.body[row, b.VX : b.WZ + 1]
        np.clip(state, -1e30, 1e30, out=state)
        collisions.bound(*self._arrays, row)

    def _settle(self, row: int) -> None:
        """A velocity that was set is no acceleration."""
        state = self._arrays.body[row]
        state[b.BEFORE_X : b.BEFORE_Z + 1] = state[b.VX : b.VZ + 1]

    def _lift_off(self, row: int) -> None:
        """What moves up faster than the ground below it rises leaves it."""
        state = self._arrays.body[row]
        along = state[b.SLOPE_X] * state[b.VX] + state[b.SLOPE_Y] * state[b.VY]
        if state[b.VZ] - along > LIFT_MPS:
            self._arrays.flags[row, b.AIRBORNE] = 1

    def _enlist(self, row: int, entity: int) -> None:
        place, count = bisect(self._ranks, (entity, row)), len(self._ranks)
        self._ranks.insert(place, (entity, row))
        self._order[place + 1 : count + 1] = self._order[place:count].copy()
        self._order[place] = row

    def _strike(self, row: int, entity: int) -> None:
        place, count = bisect_left(self._ranks, (entity, row)), len(self._ranks)
        del self._ranks[place]
        self._order[place : count - 1] = self._order[place + 1 : count].copy()

    def _grow(self) -> None:
        had = len(self._arrays.body)
        self._arrays = b.grown(self._arrays, 2 * had)
        self._pairs = collisions.room(2 * had, len(self._pairs.keys))
        self._order = np.concatenate([self._order, np.zeros(had, dtype=np.int64)])
        self._free = list(range(2 * had - 1, had - 1, -1))

    def _tabulate_zones(self) -> None:
        rows = [self._zones[number] for number in sorted(self._zones)]
        self._zone_table = np.array(rows, dtype=np.float64).reshape(-1, ZONE_COLUMNS)


def _touch(key: tuple[int, int, int], sums: list[Any]) -> Touch:
    x, y, z, px, py, pz, weight = sums[0].tolist()
    return Touch(*key, (x, y, z), (px / weight, py / weight, pz / weight))


def _bounded_pose(pose: Pose) -> Pose:
    x, y, z = (_within(one, -FARTHEST_M, FARTHEST_M) for one in pose[:3])
    return Pose(x, y, z, *(left_handed.wrapped(_within(one, -1e6, 1e6)) for one in pose[3:]))


def _within(value: float, low: float, high: float) -> float:
    return min(max(float(value), low), high) if value == value else low

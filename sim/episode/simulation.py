"""The episode: one loaded town, everything in it, and the tick that moves it on.

CARLA's rules where they matter to clients: a frame number that grows by one per tick and never starts
again, ids that are never used twice, everything a client reads coming from the snapshot of the last
tick. Time inside is integer nanoseconds since the episode began. No socket and no wall clock: bytes
leave through an `Outlet`.
"""

import struct
from math import ceil
from typing import Any, Final, Protocol

import numpy as np

from sim import left_handed
from sim.blueprints.blueprint import Family
from sim.episode.actors import GREEN, LIGHT, SIGN, VEHICLE, WALKER, Actor, Registry, attached, mounted_at
from sim.episode.level import Level
from sim.episode.light_cycles import LightCycle
from sim.episode.motion import Motion, Touch
from sim.episode.ray_queries import RayQueries, rays_of
from sim.episode.scene import Mounted, Pose, Scene, SensorMaker, Thing, TouchSeen
from sim.episode.street_lamps import StreetLamps
from sim.episode.structs import EpisodeSettings, WeatherParameters
from sim.episode.town import Town

SNAPSHOT_TYPE: Final = 17  # of the episode's stream, in CARLA 0.9.16's registry of sensors
_HEADER: Final = struct.Struct("<QQd6f")
_STATE: Final = struct.Struct("<QdfiiiI")
_STILL: Final = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
CAMERAS: Final = "sensor.camera."
KMH_PER_MPS: Final = 3.6


class Outlet(Protocol):
    """Where streams go: opened by number, written to whoever listens."""

    def open(self) -> int:
        """A new stream's number."""
        ...

    def close(self, stream: int) -> None:
        """End a stream and its listeners' connections."""
        ...

    def token(self, stream: int) -> bytes:
        """The 24 bytes by which clients find it."""
        ...

    def listeners(self, stream: int) -> int:
        """How many listen now."""
        ...

    def send(self, stream: int, header: bytes, body: bytes) -> None:
        """One message to all of them."""
        ...


class Episode:
    """What there is between one load of a map and the next."""

    def __init__(
        self,
        town: Town,
        number: int,
        registry: Registry,
        outlet: Outlet,
        make_sensor: SensorMaker,
        frame: int,
        seed: int,
    ) -> None:
        self.town, self.number, self.registry, self.outlet = town, number, registry, outlet
        self.make_sensor, self.seed = make_sensor, seed
        self.frame, self.elapsed_ns, self.delta_s = frame, 0, 0.0
        self.settings = EpisodeSettings()
        self.weather = WeatherParameters()
        self.gravity_mps2 = 9.81
        self.motion = Motion(town.ground)
        self.cycle = LightCycle(town.lamps)
        self.level = Level(town.objects)
        self.lamps = StreetLamps(town.street_lamps)
        self.stream = outlet.open()
        self.entities = 0
        self.snapshot: tuple[bytes, bytes] | None = None
        self.touches: tuple[TouchSeen, ...] = ()
        self.scene: Scene | None = None
        self.lamps_changed = False
        self._things: tuple[Thing, ...] = ()
        self._thing_actors: list[Actor] = []
        self._seen_changes = -1
        self._index: dict[str, Any] = {}

    # -- one tick -------------------------------------------------------------------------------

    def tick(self, delta_s: float, wall_s: float) -> int:
        """Move on by `delta_s`, send the snapshot, then what sensors measured. Returns the frame."""
        self.frame += 1
        self.delta_s = delta_s
        self.elapsed_ns += round(delta_s * 1e9)
        self.cycle.step(delta_s)
        if self.lamps.follow_sun(self.weather.sun_altitude_angle):
            self.lamps_changed = True
        touches = self.motion.step(delta_s, self._substeps(delta_s))
        self._look_up()
        self.write_records()
        self._reset_unsticky()
        self.touches = self._seen(touches)
        self.publish(wall_s)
        self._sense()
        return self.frame

    def _substeps(self, delta_s: float) -> int:
        settings = self.settings
        if not settings.substepping or settings.max_substep_delta_time <= 0.0:
            return 1
        wanted = ceil(delta_s / settings.max_substep_delta_time - 1e-9)
        return min(max(wanted, 1), max(settings.max_substeps, 1))

    def _look_up(self) -> None:
        """Sort the actors by how their records are written; only after somebody came or went."""
        if self._seen_changes == self.registry.changes:
            return
        self._seen_changes = self.registry.changes
        order = self.registry.order
        moving = [k for k, actor in enumerate(order) if actor.row >= 0]
        self._index = {
            "moving": np.array(moving, dtype=np.intp),
            "rows": np.array([order[k].row for k in moving], dtype=np.intp),
            "vehicles": [(k, a) for k, a in enumerate(order) if a.family is Family.VEHICLE],
            "walkers": [(k, a) for k, a in enumerate(order) if a.family is Family.WALKER],
            "lamps": [(k, a.sign) for k, a in enumerate(order) if a.family is Family.TRAFFIC_LIGHT],
            "signs": [(k, a.sign) for k, a in enumerate(order) if a.family is Family.TRAFFIC_SIGN],
            "fixed": [(k, a) for k, a in enumerate(order) if a.row < 0 and a.parent is None],
            "riding": [(k, a) for k, a in enumerate(order) if a.row < 0 and a.parent is not None],
            "sensing": [a for a in order if a.model is not None],
            "by_row": {a.row: a for a in order if a.row >= 0},
        }  # fmt: skip
        vehicles = self._index["vehicles"]
        self._index["vehicle_places"] = np.array([k for k, _ in vehicles], dtype=np.intp)
        self._index["vehicle_rows"] = np.array([a.row for _, a in vehicles], dtype=np.intp)
        self._index["vehicle_boxes"] = np.array([(a.box.extent.x, a.box.extent.y) for _, a in vehicles])
        self._index["written"] = [None] * len(self._index["fixed"])  # the poses in the records
        self._index["lamp_places"] = np.array([k for k, _ in self._index["lamps"]], dtype=np.intp)
        self._index["lamp_rows"] = np.array([sign for _, sign in self._index["lamps"]], dtype=np.intp)
        self._write_signs()
        self._thing_actors = [a for a in order if a.row >= 0]
        things = tuple(Thing(a.id, a.entity, a.blueprint, _colour(a), a.struct) for a in self._thing_actors)
        if things != self._things:
            self._things = things

    def write_records(self) -> None:
        """Every actor's place and state into the records."""
        self._look_up()
        records, index, state = self.registry.records, self._index, self.motion.state
        moving, rows = index["moving"], index["rows"]
        if len(moving):
            now = state[rows]
            records["location"][moving] = now[:, 0:3] * left_handed.MIRROR
            yaws = (now[:, 3] + np.pi) % (2.0 * np.pi) - np.pi
            records["rotation"][moving] = np.degrees(np.stack([-now[:, 4], -yaws, now[:, 5]], axis=1))
            records["velocity"][moving] = now[:, 6:9] * left_handed.MIRROR
            records["spin"][moving] = np.degrees(now[:, 9:12] * left_handed.AXIAL_MIRROR)
            records["acceleration"][moving] = now[:, 12:15] * left_handed.MIRROR
        for k, actor in index["riding"]:
            actor.pose = attached(actor, self.pose_of(actor.parent))
            self._write_pose(k, actor.pose)
        written = index["written"]
        for n, (k, actor) in enumerate(index["fixed"]):
            if written[n] is not actor.pose:
                written[n] = actor.pose
                self._write_pose(k, actor.pose)
        self._write_vehicles()
        self._write_walkers()
        self._write_lamps()

    def _write_pose(self, k: int, pose: Pose) -> None:
        records = self.registry.records
        records["location"][k] = left_handed.mirrored(*pose[:3])
        records["rotation"][k] = left_handed.angles_to_carla(*pose[3:])

    def _write_vehicles(self) -> None:
        if not self._index["vehicles"]:
            return
        table = self.registry.records.view(VEHICLE)
        places, rows = self._index["vehicle_places"], self._index["vehicle_rows"]
        pedals = self.motion.pedals[rows]
        table["throttle"][places], table["steer"][places], table["brake"][places] = (
            pedals[:, 0],
            pedals[:, 1],
            pedals[:, 2],
        )
        modes = self.motion.modes[rows]
        table["hand_brake"][places], table["reverse"][places] = modes[:, 0], modes[:, 1]
        table["manual_gear_shift"][places], table["gear"][places] = modes[:, 2], modes[:, 3]
        table["failure"][places] = modes[:, 4]
        state = self.motion.state[rows]
        lamps = self.cycle.governing(state[:, 0:3], state[:, 3], self._index["vehicle_boxes"])
        lit = lamps >= 0
        signals = self.cycle.states
        table["light_state"][places] = np.where(lit, signals[np.maximum(lamps, 0)] if len(signals) else GREEN, GREEN)
        table["has_light"][places] = lit
        ids = self._index.get("lamp_ids")
        if ids is None:
            by_lamp = {sign: int(self.registry.records["id"][k]) for k, sign in self._index["lamps"]}
            ids = self._index["lamp_ids"] = np.array(
                [by_lamp.get(n, 0) for n in range(max(1, len(signals)))], np.uint32
            )
        table["light_id"][places] = np.where(lit, ids[np.maximum(lamps, 0)], 0)
        table["limit_kmh"][places] = self.town.speed_limits_kmh(state[:, 0:3], table["limit_kmh"][places])

    def _write_walkers(self) -> None:
        table = self.registry.records.view(WALKER)
        for k, actor in self._index["walkers"]:
            direction, speed_mps, jump = self.motion.walker_control(actor.row)
            table["direction"][k] = left_handed.mirrored(*direction)
            table["speed"][k], table["jump"][k] = speed_mps, jump

    def _write_signs(self) -> None:
        """The parts of lights' and signs' records that never change."""
        lamps, signs = self.registry.records.view(LIGHT), self.registry.records.view(SIGN)
        for k, lamp in self._index["lamps"]:
            lamps["sign_id"][k] = self.town.lamps[lamp].sign_id.encode()[:31]
            lamps["pole"][k] = self.town.lamps[lamp].pole_index
        for k, sign in self._index["signs"]:
            signs["sign_id"][k] = self.town.signs[sign].sign_id.encode()[:31]

    def _write_lamps(self) -> None:
        places, lamps, cycle = self._index["lamp_places"], self._index["lamp_rows"], self.cycle
        if len(places):
            table, times_s = self.registry.records.view(LIGHT), cycle.times_s[lamps]
            table["light"][places], table["elapsed_s"][places] = cycle.states[lamps], cycle.elapsed_s[lamps]
            table["green_s"][places], table["yellow_s"][places] = times_s[:, 0], times_s[:, 1]
            table["red_s"][places], table["frozen"][places] = times_s[:, 2], cycle.frozen

    def _reset_unsticky(self) -> None:
        for _, actor in self._index["vehicles"]:
            if actor.attributes.get("sticky_control", "true") == "false":
                self.motion.reset_control(actor.row)

    # -- what leaves ----------------------------------------------------------------------------

    def publish(self, wall_s: float) -> None:
        """Send the snapshot of the present records."""
        self.snapshot = self.snapshot_of(wall_s)
        self.outlet.send(self.stream, *self.snapshot)

    def snapshot_of(self, wall_s: float) -> tuple[bytes, bytes]:
        """Header and body of the present state."""
        header = _HEADER.pack(SNAPSHOT_TYPE, self.frame, self.elapsed_ns * 1e-9, *_STILL)
        flags = 2 if self.lamps_changed else 0
        state = _STATE.pack(self.number, wall_s, self.delta_s, 0, 0, 0, flags)
        self.lamps_changed = False
        return header, state + self.registry.records.tobytes()

    def _sense(self) -> None:
        """What sensors that are due and heard measure, each with its header."""
        self.scene = None
        for actor in self._index["sensing"]:
            due = actor.due_ns <= self.elapsed_ns + 1_000  # half a step of the wire's float seconds, and less
            if due:
                period_ns = round(float(actor.attributes.get("sensor_tick", "0") or 0.0) * 1e9)
                actor.due_ns = max(actor.due_ns, 1) + period_ns if actor.due_ns else self.elapsed_ns + period_ns
                if period_ns and actor.due_ns <= self.elapsed_ns:  # slower ticks than the sensor's
                    actor.due_ns += -(-(self.elapsed_ns + 1 - actor.due_ns) // period_ns) * period_ns
            if not due or self.outlet.listeners(actor.stream) == 0:
                continue
            if self.settings.no_rendering_mode and actor.blueprint.id.startswith(CAMERAS):
                continue
            mounted = self.mounted(actor)
            header = _HEADER.pack(
                actor.model.type_index, self.frame, self.elapsed_ns * 1e-9,
                *left_handed.mirrored(*mounted.pose[:3]), *left_handed.angles_to_carla(*mounted.pose[3:]),
            )  # fmt: skip
            for body in actor.model.sense(self.scene_now(), mounted):
                self.outlet.send(actor.stream, header, body)

    def mounted(self, actor: Actor) -> Mounted:
        """Where a sensor is and how it moves."""
        bearer = actor.parent
        while bearer is not None and bearer.row < 0:
            bearer = bearer.parent
        if bearer is None:
            return mounted_at(actor, actor.pose, actor.pose, _STILL)
        return mounted_at(actor, actor.pose, self.pose_of(bearer), self.motion.state[bearer.row, 6:12])

    def scene_now(self) -> Scene:
        """What sensors see this tick; made once."""
        if self.scene is None:
            rows = np.array([actor.row for actor in self._thing_actors], dtype=np.intp)
            state = self.motion.state[rows]
            self.scene = Scene(
                town=self.town, frame=self.frame, elapsed_ns=self.elapsed_ns, delta_s=self.delta_s,
                weather=self.weather, things=self._things, poses=state[:, 0:6], motions=state[:, 6:12],
                accelerations=state[:, 12:15], ways_m=state[:, 15],
                lights=np.array([_flags(self, actor) for actor in self._thing_actors], dtype=np.int32),
                signals=self.cycle.states.copy(), touches=self.touches,
                gravity_mps2=self.gravity_mps2,
                row_of={actor.id: k for k, actor in enumerate(self._thing_actors)},
            )  # fmt: skip
        return self.scene

    def rays(self) -> RayQueries:
        """Questions to the map and the actors as they are now."""
        self._look_up()
        return rays_of(self.scene_now())

    # -- places ---------------------------------------------------------------------------------

    def pose_of(self, actor: Actor) -> Pose:
        """Where an actor is now."""
        if actor.row >= 0:
            return Pose(*self.motion.state[actor.row, 0:6].tolist())
        if actor.parent is not None:
            return attached(actor, self.pose_of(actor.parent))
        return actor.pose

    def _seen(self, touches: tuple[Touch, ...]) -> tuple[TouchSeen, ...]:
        by_row = self._index["by_row"]
        seen = []
        for touch in touches:
            first, second = by_row[touch.first], by_row.get(touch.second)
            label = second.blueprint.semantic if second is not None else touch.label
            seen.append(TouchSeen(first.struct, second.struct if second else None, label, touch.impulse_ns))
            if second is not None:
                x, y, z = touch.impulse_ns
                seen.append(TouchSeen(second.struct, first.struct, first.blueprint.semantic, (-x, -y, -z)))
        return tuple(seen)


def _flags(episode: Episode, actor: Actor) -> int:
    """A vehicle's lit lamps: what was set, and the brake and reverse lamps its pedals light."""
    flags = actor.lights
    if actor.family is Family.VEHICLE:
        flags |= 8 if episode.motion.pedals[actor.row, 2] > 0.0 else 0
        flags |= 64 if episode.motion.modes[actor.row, 1] else 0
    return flags


def _colour(actor: Actor) -> tuple[int, int, int] | None:
    parts = actor.attributes.get("color", "").split(",")
    return (int(parts[0]), int(parts[1]), int(parts[2])) if len(parts) == 3 else None

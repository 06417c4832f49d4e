"""A CARLA server small enough to know by heart: one driven vehicle with linear pedals, everybody else as placed.

Positions are rounded to single precision, as CARLA's are. What it is told is kept for tests to look at.
"""

from dataclasses import dataclass, field
from math import cos, sin, tan

import numpy as np

from sim.carla_client.wire import (
    P_PITCH,
    P_VX,
    P_VY,
    P_X,
    P_Y,
    P_YAW,
    P_Z,
    S_PITCH,
    S_VX,
    S_VY,
    S_WZ,
    S_X,
    S_Y,
    S_YAW,
    S_Z,
    SIGHTING_COLUMNS,
    BlueprintFacts,
    DriveFacts,
    ServerFacts,
    Spawned,
    StreamFrame,
    Tick,
)
from sim.twin.vehicles import vehicle_file, vehicle_names
from stack.vocabulary import MachineryError

OURS = tuple(f"vehicle.faultline.{name}" for name in vehicle_names())
LIBRARY = (*OURS, "vehicle.audi.a2", "vehicle.bh.crossbike", "vehicle.yamaha.yzf", "walker.pedestrian.0001",
           "walker.pedestrian.0048", "static.prop.trafficcone01", "static.prop.box03")  # fmt: skip
BRAKES_MPS2, THROTTLE_MPS2, DRAG_MPS2 = 12.0, 4.0, 0.15
STEER_MAX_RAD, WHEELBASE_M, REAR_M = 1.2, 5.6, 2.0


def single(value):
    return float(np.float32(value))


@dataclass
class FakeWire:
    """`faults` names what it does wrong."""

    library: tuple = LIBRARY
    faults: tuple = ()
    version: str = "0.9.16"
    frame: int = 100
    elapsed_s: float = 5.0
    tick_s: float = 0.0
    actors: dict = field(default_factory=dict)
    watched: tuple = ()
    ego_id: int = 0
    maps: list = field(default_factory=list)
    weather: tuple = ()
    streams: tuple = ()
    listened_ticks: int = 0
    pedals: list = field(default_factory=list)
    touches: list = field(default_factory=list)
    closed: int = 0
    next_id: int = 20
    others: set = field(default_factory=set)

    def facts(self):
        return ServerFacts(
            server_version=self.version,
            client_version="0.9.16",
            map_name="Town10HD_Opt",
            maps=("Town10HD_Opt",),
            blueprints=tuple(BlueprintFacts(id=one) for one in self.library),
        )

    def open_map(self, name, xodr):
        self.maps.append(name)
        self.clear()
        return f"{name}, from its OpenDRIVE text"

    def hold(self, tick_s):
        self.tick_s = tick_s

    def set_weather(self, values):
        self.weather = values

    def spawn(self, orders):
        made = []
        for order in orders:
            if order.blueprint not in self.library:
                raise MachineryError(f"no blueprint {order.blueprint}")
            row = np.zeros(SIGHTING_COLUMNS)
            row[[S_X, S_Y, S_Z, S_YAW, S_PITCH]] = order.x_m, order.y_m, order.z_m, order.yaw_rad, order.pitch_rad
            name = order.blueprint.rpartition(".")[2]
            size_m = (4.0, 1.8, 1.5)
            if name in vehicle_names():
                outline = vehicle_file(name).outline
                size_m = (outline.length_m, outline.width_m, outline.hull_height_m)
            self.next_id += 1
            self.actors[self.next_id] = row
            centre_m = (0.3, 0.0, 0.5 * size_m[2])
            made.append(Spawned(actor_id=self.next_id, blueprint=order.blueprint, centre_m=centre_m, size_m=size_m))
        return tuple(made)

    def traffic(self, background, clear_of):
        made = []
        for index in range(background.count):
            self.next_id += 1
            row = np.zeros(SIGHTING_COLUMNS)
            row[S_X], row[S_Y], row[S_VX] = 500.0 + 20.0 * index, -300.0, 8.0
            self.actors[self.next_id] = row
            blueprint = "vehicle.audi.a2" if index < background.vehicles else "walker.pedestrian.0001"
            box = {"centre_m": (0.0, 0.0, 0.7), "size_m": (3.7, 1.8, 1.5)}
            made.append(Spawned(actor_id=self.next_id, blueprint=blueprint, **box))
        self.others = {one.actor_id for one in made}
        return tuple(made)

    def drives(self, actor_id):
        return DriveFacts(mass_kg=26_000.0, steer_max_rad=STEER_MAX_RAD, steering_curve=((0.0, 1.0), (30.0, 0.6)))

    def watch(self, ego_id, actor_ids):
        self.ego_id, self.watched = ego_id, actor_ids

    def listen(self, ego_id, orders):
        self.streams = orders

    def launch(self, actor_id, placement):
        row = self.actors[actor_id]
        row[:] = 0.0
        row[[S_X, S_Y, S_Z, S_YAW, S_PITCH]] = placement[[P_X, P_Y, P_Z, P_YAW, P_PITCH]]
        row[[S_VX, S_VY]] = placement[[P_VX, P_VY]]

    def tick(self, ego_id, pedals, actor_ids, placements):
        self.frame += 1
        self.elapsed_s += self.tick_s
        self.pedals.append(pedals)
        for actor_id, placed in zip(actor_ids, placements, strict=True):
            row = self.actors.get(actor_id)
            if row is None:
                continue
            row[[S_X, S_Y, S_Z, S_YAW, S_PITCH]] = placed[[P_X, P_Y, P_Z, P_YAW, P_PITCH]]
            row[[S_VX, S_VY]] = placed[[P_VX, P_VY]]
            if "places askew" in self.faults:
                row[S_X] += 0.25
        for actor_id in self.others:
            if actor_id in self.actors:
                self.actors[actor_id][S_X] += self.tick_s * self.actors[actor_id][S_VX]
        if ego_id in self.actors:
            self._drive(self.actors[ego_id], pedals)
        seen = np.full((len(self.watched), SIGHTING_COLUMNS), np.nan)
        for index, actor_id in enumerate(self.watched):
            if actor_id in self.actors:
                seen[index] = self.actors[actor_id].astype(np.float32)
        touches, self.touches = tuple(self.touches), []
        return Tick(self.frame, self.elapsed_s, self.tick_s, seen, touches, self._messages())

    def clear(self):
        self.actors.clear()

    def close(self):
        self.closed += 1
        self.actors.clear()

    def _messages(self):
        self.listened_ticks += 1
        return tuple(
            StreamFrame(order.name, self.frame, (2, 2), bytes(16))
            for order in self.streams
            if self.listened_ticks % order.period_ticks == 0
        )

    def _drive(self, row, pedals):
        """A vehicle on its rear axle: pedals are accelerations, wheels turn at once."""
        h, yaw = self.tick_s, row[S_YAW]
        speed = row[S_VX] * cos(yaw) + row[S_VY] * sin(yaw)
        pull = THROTTLE_MPS2 * pedals.throttle_ratio
        brake = (0.0 if "brakes are dead" in self.faults else BRAKES_MPS2) * pedals.brake_ratio
        brake *= 0.5 if "brakes fade" in self.faults else 1.0
        new_speed = max(speed + h * (pull - brake - (DRAG_MPS2 if speed > 0.0 else 0.0)), 0.0)
        share = 1.0 - 0.4 * min(speed / 30.0, 1.0)
        spin = 0.5 * (speed + new_speed) * tan(pedals.steer_ratio * STEER_MAX_RAD * share) / WHEELBASE_M
        middle = yaw + 0.5 * h * spin
        way = 0.5 * h * (speed + new_speed)
        row[S_X] += way * cos(middle) - REAR_M * (sin(middle)) * h * spin
        row[S_Y] += way * sin(middle) + REAR_M * (cos(middle)) * h * spin
        row[S_YAW] = yaw + h * spin
        row[S_VX] = new_speed * cos(row[S_YAW]) - REAR_M * spin * sin(row[S_YAW])
        row[S_VY] = new_speed * sin(row[S_YAW]) + REAR_M * spin * cos(row[S_YAW])
        row[S_WZ] = spin

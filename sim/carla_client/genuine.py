"""The `Wire` over the genuine `carla` client: calls in CARLA's words, values in ours.

Runs in a process of its own (`sim.carla_client.helper`), because a call of the client can hang without
end and cannot be interrupted. What it makes it notes at once, so that somebody else can clean up.
"""

import socket
from collections.abc import Callable
from math import pi, radians
from queue import Empty, SimpleQueue
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim import left_handed
from sim.carla_client.address import Address
from sim.carla_client.background import Background
from sim.carla_client.carla_streams import packed
from sim.carla_client.frames import FrameBook
from sim.carla_client.populating import Population
from sim.carla_client.wire import (
    NOBODY,
    P_SPIN,
    P_VX,
    P_VZ,
    P_X,
    SIGHTING_COLUMNS,
    BlueprintFacts,
    DriveFacts,
    Pedals,
    ServerFacts,
    Spawned,
    SpawnOrder,
    StreamFrame,
    StreamOrder,
    Tick,
    Touch,
)
from stack.vocabulary import MachineryError, MissingPart

LIFT_M = 0.3  # a vehicle is spawned this high, so that its wheels are not in the ground
ALOFT_M = 20.0  # where somebody is spawned whose own place is taken at that moment; he is put there afterwards
ALOFT_STEP_M = 6.0
LOADING_S = 120.0  # own: a real server takes this long for a large town
STREAM_WAIT_S = 3.0  # own: a sensor's message of a frame comes in milliseconds; drawn on a slow card, in a second
KNOCK_S = 5.0
START = "start one (`faultline serve`, or CARLA's own) or look at host and port"


class GenuineWire:
    """One `carla.Client` in synchronous mode."""

    def __init__(self, address: Address) -> None:
        try:
            import carla
        except ImportError as error:
            mend = "pip install carla==0.9.16 (x86-64, Python 3.11 or 3.12)"
            raise MissingPart(f"a CARLA world needs the `carla` package: {mend}") from error
        self._carla: Any = carla
        self._address = address
        _knock(address)
        self._client: Any = carla.Client(address.host, address.port)
        self._client.set_timeout(address.timeout_s)
        try:
            self._server_version = str(self._client.get_server_version())
        except RuntimeError as error:
            raise MissingPart(f"no CARLA server answers at {address.text}: {error}; {START}") from error
        self._client_version = str(self._client.get_client_version())
        if _release(self._server_version) != _release(self._client_version):
            mend = f"pip install carla=={_release(self._server_version)}, or start a {self._client_version} server"
            text = f"{address.text} is CARLA {self._server_version}, the client here is {self._client_version}"
            raise MissingPart(f"{text}; their messages differ: {mend}")
        self._world: Any = self._client.get_world()
        self._before: Any = None
        self._made: list[int] = []
        self._sensors: list[Any] = []
        self._population: Population | None = None
        self._watched: tuple[int, ...] = ()
        self._ego_watched = 0
        self._placed: dict[int, bytes] = {}
        self._touches: list[Touch] = []
        self._queue: SimpleQueue[StreamFrame] = SimpleQueue()
        self._book = FrameBook({})
        self._tick_s = 0.0
        self._closed = False

    # -- the server -----------------------------------------------------------------------------

    def facts(self) -> ServerFacts:
        """Versions, maps and blueprints."""
        library = self._world.get_blueprint_library()
        return ServerFacts(
            server_version=self._server_version,
            client_version=self._client_version,
            map_name=str(self._world.get_map().name),
            maps=tuple(sorted(str(name) for name in self._client.get_available_maps())),
            blueprints=tuple(
                BlueprintFacts(id=one.id, attributes=tuple((each.id, _text(each)) for each in one)) for one in library
            ),
        )

    def open_map(self, name: str, xodr: str) -> str:
        """Make this map the world; a clock that was held stays held."""
        self.clear()
        if self._world.get_map().to_opendrive().strip() == xodr.strip():
            return f"{name}, open already"
        self._client.set_timeout(max(self._address.timeout_s, LOADING_S))
        try:
            return self._opened(name, xodr)
        finally:
            self._client.set_timeout(self._address.timeout_s)
            self._world = self._client.get_world()
            if self._tick_s > 0.0:
                self.hold(self._tick_s)  # a fresh world has forgotten who holds its clock

    def _opened(self, name: str, xodr: str) -> str:
        """By name where the server's text is the same, else from the text."""
        known = [str(one) for one in self._client.get_available_maps()]
        named = next((one for one in known if one.rpartition("/")[2].lower() == name.lower()), "")
        if named:
            world = self._client.load_world(named)
            if world.get_map().to_opendrive().strip() == xodr.strip():
                return f"{named}, by name"
        parameters = self._carla.OpendriveGenerationParameters(
            vertex_distance=2.0, max_road_length=500.0, wall_height=0.0, additional_width=0.6,
            smooth_junctions=True, enable_mesh_visibility=True,
        )  # fmt: skip
        self._client.generate_opendrive_world(xodr, parameters)
        return f"{name}, from its OpenDRIVE text"

    def hold(self, tick_s: float) -> None:
        """Take the clock."""
        settings = self._world.get_settings()
        if self._before is None:
            self._before = (settings.synchronous_mode, settings.fixed_delta_seconds, settings.no_rendering_mode)
        settings.synchronous_mode = True
        settings.fixed_delta_seconds = tick_s
        settings.substepping = True
        settings.max_substep_delta_time = 0.01
        settings.max_substeps = 10
        self._world.apply_settings(settings)
        self._tick_s = tick_s

    def set_weather(self, values: tuple[tuple[str, float], ...]) -> None:
        """Set weather parameters by CARLA's names."""
        weather = self._world.get_weather()
        for name, value in values:
            setattr(weather, name, value)
        self._world.set_weather(weather)

    # -- actors ---------------------------------------------------------------------------------

    def spawn(self, orders: tuple[SpawnOrder, ...]) -> tuple[Spawned, ...]:
        """Make actors; who cannot be made where he belongs is made aloft, and put there by the next tick."""
        library = self._world.get_blueprint_library()
        spawned, refused = [], []
        for index, order in enumerate(orders):
            blueprint = library.find(order.blueprint)
            if blueprint.has_attribute("role_name"):
                blueprint.set_attribute("role_name", order.name)
            for name, value in order.attributes:
                blueprint.set_attribute(name, value)
            aloft_m = ALOFT_M + ALOFT_STEP_M * index
            actor = self._try(blueprint, order, LIFT_M) or self._try(blueprint, order, aloft_m)
            if actor is None:
                refused.append(f"{order.name} ({order.blueprint})")
                continue
            if not order.physics:
                actor.set_simulate_physics(False)
            spawned.append(self._spawned(actor, order.blueprint))
        if refused:
            raise MachineryError(f"the CARLA server refused to spawn {', '.join(refused)}; is something in the way?")
        return tuple(spawned)

    def _try(self, blueprint: Any, order: SpawnOrder, lift_m: float) -> Any:
        actor = self._world.try_spawn_actor(
            blueprint, self._transform(order.x_m, order.y_m, order.z_m + lift_m, order.yaw_rad, order.pitch_rad, 0.0)
        )
        if actor is not None:
            self._made.append(actor.id)
        return actor

    def _spawned(self, actor: Any, blueprint: str) -> Spawned:
        box = actor.bounding_box
        centre_m = left_handed.mirrored(box.location.x, box.location.y, box.location.z)
        size_m = (2.0 * box.extent.x, 2.0 * box.extent.y, 2.0 * box.extent.z)
        return Spawned(actor_id=actor.id, blueprint=blueprint, centre_m=centre_m, size_m=size_m)

    def traffic(self, background: Background, clear_of: tuple[tuple[float, float], ...]) -> tuple[Spawned, ...]:
        """Make CARLA-driven vehicles, then walkers."""
        self._population = Population(self._carla, self._client, self._world, self._made)
        made = self._population.populate(background, clear_of)
        return tuple(self._spawned(actor, blueprint) for actor, blueprint in made)

    def drives(self, actor_id: int) -> DriveFacts:
        """A vehicle's physics."""
        control = self._world.get_actor(actor_id).get_physics_control()
        angles = [radians(wheel.max_steer_angle) for wheel in control.wheels]
        curve = tuple((point.x / 3.6, point.y) for point in control.steering_curve)
        radius_m = 0.01 * max((wheel.radius for wheel in control.wheels), default=0.0)
        reach_mps = control.max_rpm * 2.0 * pi / 60.0 * radius_m
        gears = tuple(
            (reach_mps / (gear.ratio * control.final_ratio), gear.up_ratio)
            for gear in control.forward_gears
            if gear.ratio * control.final_ratio > 0.0
        )
        return DriveFacts(
            mass_kg=control.mass, steer_max_rad=max(angles, default=0.0), steering_curve=curve, gears=gears
        )

    def watch(self, ego_id: int, actor_ids: tuple[int, ...]) -> None:
        """From now on ticks report these actors, the ego's collisions among them."""
        self._watched = actor_ids
        if ego_id != self._ego_watched:
            self._ego_watched = ego_id
            self._attach("sensor.other.collision", ego_id, self._transform(0.0, 0.0, 0.0, 0.0, 0.0, 0.0), (), self._hit)

    def listen(self, ego_id: int, orders: tuple[StreamOrder, ...]) -> None:
        """From now on ticks carry these sensors' messages."""
        self._book = FrameBook({order.name: order.period_ticks for order in orders})
        for order in orders:
            period = ("sensor_tick", f"{order.period_ticks * self._tick_s:.9g}")
            attributes = (*order.attributes, *((period,) if order.period_ticks > 1 else ()))
            self._attach(order.blueprint, ego_id, self._transform(*order[2:8]), attributes, self._taker(order.name))

    def _attach(
        self, blueprint: str, ego_id: int, pose: Any, attributes: tuple[tuple[str, str], ...], heard: Any
    ) -> None:
        try:
            found = self._world.get_blueprint_library().find(blueprint)
        except (IndexError, RuntimeError) as error:
            raise MissingPart(f"the CARLA server has no sensor {blueprint}") from error
        for name, value in attributes:
            if not found.has_attribute(name):
                raise MissingPart(f"{blueprint} has no attribute {name}; it has {', '.join(each.id for each in found)}")
            found.set_attribute(name, value)
        sensor = self._world.spawn_actor(found, pose, attach_to=self._world.get_actor(ego_id))
        self._made.append(sensor.id)
        self._sensors.append(sensor)
        sensor.listen(heard)

    def _hit(self, event: Any) -> None:
        push = event.normal_impulse
        size_ns = float(np.sqrt(push.x**2 + push.y**2 + push.z**2))
        self._touches.append(Touch(int(event.frame), int(event.other_actor.id), size_ns))

    def _taker(self, name: str) -> Callable[[Any], None]:
        return lambda message: self._queue.put(packed(name, message))

    # -- ticks ----------------------------------------------------------------------------------

    def launch(self, actor_id: int, placement: NDArray[np.float64]) -> None:
        """Put a vehicle somewhere, moving."""
        command = self._carla.command
        spin = left_handed.mirrored_spin(0.0, 0.0, float(np.degrees(placement[P_SPIN])))
        orders = [
            command.ApplyTransform(actor_id, self._place(placement)),
            command.ApplyTargetVelocity(actor_id, self._velocity(placement)),
            command.ApplyTargetAngularVelocity(actor_id, self._carla.Vector3D(*spin)),
        ]
        for response in self._client.apply_batch_sync(orders, False):
            if response.error:
                raise MachineryError(f"the CARLA server does not move actor {actor_id}: {response.error}")

    def tick(self, ego_id: int, pedals: Pedals, actor_ids: tuple[int, ...], placements: NDArray[np.float64]) -> Tick:
        """Set pedals and places, go on, and wait for exactly that frame."""
        command = self._carla.command
        control = self._carla.VehicleControl(
            throttle=pedals.throttle_ratio, brake=pedals.brake_ratio, steer=-pedals.steer_ratio,
            manual_gear_shift=pedals.gear > 0, gear=pedals.gear,
        )  # fmt: skip
        orders = [command.ApplyVehicleControl(ego_id, control)] if ego_id != NOBODY else []
        for actor_id, placed in zip(actor_ids, placements, strict=True):
            if self._placed.get(actor_id) != placed.tobytes():
                self._placed[actor_id] = placed.tobytes()
                orders.append(command.ApplyTransform(actor_id, self._place(placed)))
                orders.append(command.ApplyTargetVelocity(actor_id, self._velocity(placed)))
        if orders:
            self._client.apply_batch(orders)
        frame = int(self._world.tick(self._address.timeout_s))
        snapshot = self._world.get_snapshot()
        while snapshot.frame < frame:
            snapshot = self._world.wait_for_tick(self._address.timeout_s)
        if snapshot.frame != frame:
            raise MachineryError(
                f"frame {snapshot.frame} came instead of {frame}: another client ticks this server; stop it"
            )
        streams = self._arrived(frame)
        touches, self._touches = tuple(self._touches), []
        stamp = snapshot.timestamp
        return Tick(frame, stamp.elapsed_seconds, stamp.delta_seconds, self._sighted(snapshot), touches, streams)

    def _arrived(self, frame: int) -> tuple[StreamFrame, ...]:
        """What sensors sent, waiting for what is due of this frame."""
        self._book.ticked(frame)
        arrived = []
        while True:
            try:
                waiting = bool(self._book.awaited(frame))
                message = self._queue.get(timeout=STREAM_WAIT_S) if waiting else self._queue.get_nowait()
            except Empty:
                break
            self._book.came(message.sensor, message.frame)
            arrived.append(message)
        self._book.left(frame)
        return tuple(sorted(arrived, key=lambda one: (one.frame, one.sensor)))

    def _sighted(self, snapshot: Any) -> NDArray[np.float64]:
        """Sightings of the watched actors in our axes, NaN for those that are gone."""
        seen = np.full((len(self._watched), SIGHTING_COLUMNS), np.nan)
        for index, actor_id in enumerate(self._watched):
            actor = snapshot.find(actor_id)
            if actor is None:
                continue
            pose, velocity, spin = actor.get_transform(), actor.get_velocity(), actor.get_angular_velocity()
            place, turn = pose.location, pose.rotation
            seen[index] = (
                *left_handed.mirrored(place.x, place.y, place.z),
                *left_handed.angles_from_carla(turn.pitch, turn.yaw, turn.roll),
                *left_handed.mirrored(velocity.x, velocity.y, velocity.z),
                *left_handed.mirrored_spin(radians(spin.x), radians(spin.y), radians(spin.z)),
            )
        return seen

    def _place(self, placed: NDArray[np.float64]) -> Any:
        x_m, y_m, z_m, yaw_rad, pitch_rad = placed[P_X:P_VX].tolist()
        return self._transform(x_m, y_m, z_m, yaw_rad, pitch_rad, 0.0)

    def _velocity(self, placed: NDArray[np.float64]) -> Any:
        return self._carla.Vector3D(*left_handed.mirrored(*placed[P_VX : P_VZ + 1].tolist()))

    def _transform(self, x_m: float, y_m: float, z_m: float, yaw_rad: float, pitch_rad: float, roll_rad: float) -> Any:
        pitch_deg, yaw_deg, roll_deg = left_handed.angles_to_carla(yaw_rad, pitch_rad, roll_rad)
        return self._carla.Transform(
            self._carla.Location(*left_handed.mirrored(x_m, y_m, z_m)),
            self._carla.Rotation(pitch=pitch_deg, yaw=yaw_deg, roll=roll_deg),
        )

    # -- undoing --------------------------------------------------------------------------------

    @property
    def made(self) -> tuple[int, ...]:
        """Everything this wire has on the server."""
        return tuple(self._made)

    @property
    def before(self) -> tuple[bool, float | None, bool] | None:
        """The settings found: synchronous, fixed delta, no rendering; None while they are untouched."""
        found: tuple[bool, float | None, bool] | None = self._before
        return found

    def clear(self) -> None:
        """Destroy everything this wire has spawned."""
        if self._population is not None:
            self._population.stop()
            self._population = None
        for sensor in self._sensors:
            if sensor.is_listening():
                sensor.stop()
        self._sensors.clear()
        self._watched, self._ego_watched = (), 0
        self._placed.clear()
        made, self._made = self._made[::-1], []
        if made:
            self._client.apply_batch_sync([self._carla.command.DestroyActor(one) for one in made], False)

    def sweep(self, made: tuple[int, ...], before: tuple[bool, float | None, bool] | None) -> None:
        """Clean up behind another wire that could not do so itself."""
        self._made, self._before = list(made), before
        self.close()

    def close(self) -> None:
        """Destroy what was made, give the clock back; a server that is gone needs neither."""
        if self._closed:
            return
        self._closed = True
        try:
            self.clear()
        finally:
            self._give_back()

    def _give_back(self) -> None:
        if self._before is None:
            return
        settings = self._world.get_settings()
        settings.synchronous_mode, settings.fixed_delta_seconds, settings.no_rendering_mode = self._before
        self._before = None
        self._world.apply_settings(settings)


def _knock(address: Address) -> None:
    """Find out at once that nobody listens: the client itself would wait for its whole time-out."""
    try:
        with socket.create_connection((address.host, address.port), timeout=min(address.timeout_s, KNOCK_S)):
            pass
    except OSError as error:
        why = error.strerror or str(error)
        raise MissingPart(f"no CARLA server answers at {address.text}: {why}; {START}") from error


def _release(version: str) -> str:
    """The numbers of a version: what follows them names a build."""
    return version.strip().partition("-")[0]


def _text(attribute: Any) -> str:
    """An attribute's value as text."""
    value = attribute
    for turn in (value.as_str, value.as_bool, value.as_int, value.as_float, value.as_color):
        try:
            return str(turn())
        except (RuntimeError, ValueError):
            continue
    return ""

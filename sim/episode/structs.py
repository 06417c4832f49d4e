"""The structs of CARLA 0.9.16's calls, in wire order: a struct is a msgpack array of its fields.

Names, units and axes are CARLA's own (left-handed, degrees, metres unless said otherwise); they are
converted where they enter the episode. Layouts were verified with the genuine 0.9.16 client. `read`
turns what msgpack unpacked into a value and refuses what does not fit; a NamedTuple packs itself.
"""

import math
from collections.abc import Callable
from functools import cache
from types import UnionType
from typing import Any, NamedTuple, NewType, Union, get_args, get_origin, get_type_hints

from sim.blueprints.blueprint import Refused as Refused

ActorId = NewType("ActorId", int)


class Unreadable(Exception):
    """Arguments that do not have the shape of the call."""


class Vector2D(NamedTuple):
    """Two numbers."""

    x: float
    y: float


class Vector3D(NamedTuple):
    """Three numbers; a place in metres, a velocity in m/s, an angular velocity in deg/s, ..."""

    x: float
    y: float
    z: float


class Rotation(NamedTuple):
    """Degrees."""

    pitch: float
    yaw: float
    roll: float


class Transform(NamedTuple):
    """A place (m) and a direction (deg)."""

    location: Vector3D
    rotation: Rotation


ORIGIN = Transform(Vector3D(0.0, 0.0, 0.0), Rotation(0.0, 0.0, 0.0))


class BoundingBox(NamedTuple):
    """`extent` is half the size. Location and rotation are relative to the actor; of level boxes, to the world."""

    location: Vector3D
    extent: Vector3D
    rotation: Rotation = ORIGIN.rotation
    actor_id: int = 0


class Color(NamedTuple):
    """0 to 255."""

    r: int
    g: int
    b: int


class EpisodeSettings(NamedTuple):
    """World settings; seconds and metres. `fixed_delta_seconds` None: the server's own pace."""

    synchronous_mode: bool = False
    no_rendering_mode: bool = False
    fixed_delta_seconds: float | None = None
    substepping: bool = True
    max_substep_delta_time: float = 0.01
    max_substeps: int = 10
    max_culling_distance: float = 0.0
    deterministic_ragdolls: bool = True
    tile_stream_distance: float = 3000.0
    actor_active_distance: float = 2000.0
    spectator_as_ego: bool = True


class WeatherParameters(NamedTuple):
    """Percent, but sun angles in degrees and distances in metres."""

    cloudiness: float = 0.0
    precipitation: float = 0.0
    precipitation_deposits: float = 0.0
    wind_intensity: float = 10.0
    sun_azimuth_angle: float = 300.0
    sun_altitude_angle: float = 45.0
    fog_density: float = 2.0
    fog_distance: float = 0.75
    fog_falloff: float = 0.1
    wetness: float = 0.0
    scattering_intensity: float = 1.0
    mie_scattering_scale: float = 0.03
    rayleigh_scattering_scale: float = 0.0331
    dust_storm: float = 0.0


class AttributeValue(NamedTuple):
    """An attribute as a client sends it back: id, kind (1 bool, 2 int, 3 float, 4 string, 5 colour), value."""

    id: str
    kind: int
    value: str


class ActorDescription(NamedTuple):
    """Which blueprint with which attributes."""

    uid: int
    id: str
    attributes: tuple[AttributeValue, ...]

    def attribute(self, name: str, default: str = "") -> str:
        """An attribute's value by its id."""
        return next((one.value for one in self.attributes if one.id == name), default)


class ActorStruct(NamedTuple):
    """An actor as clients know it; they keep it for good."""

    id: int
    parent_id: int  # 0: none
    description: ActorDescription
    bounding_box: BoundingBox
    semantic_tags: bytes  # one byte per tag
    stream_token: bytes  # 24 bytes, or none


class VehicleControl(NamedTuple):
    """Pedals from 0 to 1, steer from -1 (left) to 1 (right); it stays until the next one."""

    throttle: float = 0.0
    steer: float = 0.0
    brake: float = 0.0
    hand_brake: bool = False
    reverse: bool = False
    manual_gear_shift: bool = False
    gear: int = 0


class VehicleAckermannControl(NamedTuple):
    """Steer in rad (positive right), its speed in rad/s (0: at once), speed m/s, acceleration m/s², jerk m/s³."""

    steer: float = 0.0
    steer_speed: float = 0.0
    speed: float = 0.0
    acceleration: float = 0.0
    jerk: float = 0.0


class AckermannControllerSettings(NamedTuple):
    """Gains of the controller that turns Ackermann control into pedals."""

    speed_kp: float = 0.15
    speed_ki: float = 0.0
    speed_kd: float = 0.25
    accel_kp: float = 0.01
    accel_ki: float = 0.0
    accel_kd: float = 0.01


class WalkerControl(NamedTuple):
    """A direction in the world, a speed in m/s."""

    direction: Vector3D
    speed: float = 0.0
    jump: bool = False


class GearPhysicsControl(NamedTuple):
    """A gear's ratio and the shares of the highest engine speed at which it is left."""

    ratio: float
    down_ratio: float
    up_ratio: float


class WheelPhysicsControl(NamedTuple):
    """A wheel: radius and position in centimetres, angles in degrees, torques in N m."""

    tire_friction: float
    damping_rate: float
    max_steer_angle: float
    radius: float
    max_brake_torque: float
    max_handbrake_torque: float
    lat_stiff_max_load: float
    lat_stiff_value: float
    long_stiff_value: float
    position: Vector3D


class VehiclePhysicsControl(NamedTuple):
    """What a client may read and change of a vehicle's physics. Torque curve: engine rpm to N m; masses in kg."""

    torque_curve: tuple[Vector2D, ...]
    max_rpm: float
    moi: float
    damping_rate_full_throttle: float
    damping_rate_zero_throttle_clutch_engaged: float
    damping_rate_zero_throttle_clutch_disengaged: float
    use_gear_autobox: bool
    gear_switch_time: float
    clutch_strength: float
    final_ratio: float
    forward_gears: tuple[GearPhysicsControl, ...]
    mass: float
    drag_coefficient: float
    center_of_mass: Vector3D
    steering_curve: tuple[Vector2D, ...]
    wheels: tuple[WheelPhysicsControl, ...]
    use_sweep_wheel_collision: bool


class WheelTelemetryData(NamedTuple):
    """What one wheel does."""

    tire_friction: float
    lat_slip: float
    long_slip: float
    omega: float
    tire_load: float
    normalized_tire_load: float
    torque: float
    long_force: float
    lat_force: float
    normalized_long_force: float
    normalized_lat_force: float


class VehicleTelemetryData(NamedTuple):
    """What a vehicle's drive does: m/s, rpm, N."""

    speed: float
    steer: float
    throttle: float
    brake: float
    engine_rpm: float
    gear: int
    drag: float
    wheels: tuple[WheelTelemetryData, ...]


class LightState(NamedTuple):
    """A lamp of the map. Groups: 0 none, 1 vehicle, 2 street, 3 building, 4 other."""

    id: int
    location: Vector3D
    intensity: float
    group: int
    color: Color
    active: bool


class EnvironmentObject(NamedTuple):
    """A thing of the map, with a semantic label as its type."""

    transform: Transform
    bounding_box: BoundingBox
    id: int
    name: str
    type: int


class LabelledPoint(NamedTuple):
    """A place and the semantic label of what is there."""

    location: Vector3D
    label: int


class OpendriveGenerationParameters(NamedTuple):
    """How a world is to be made from OpenDRIVE text; metres."""

    vertex_distance: float = 2.0
    max_road_length: float = 50.0
    wall_height: float = 1.0
    additional_width: float = 0.6
    smooth_junctions: bool = True
    enable_mesh_visibility: bool = True
    enable_pedestrian_navigation: bool = True


class MapInfo(NamedTuple):
    """A map's full name and where vehicles may be spawned."""

    name: str
    spawn_points: tuple[Transform, ...]


def read(kind: Any, raw: Any) -> Any:
    """What msgpack unpacked, as a value of this type. Raises Unreadable.

    Types: bool, int, float, str, bytes, a NamedTuple of such, tuple[T, ...], tuple[A, B], T | None.
    Missing fields at a struct's end take their defaults, further ones are ignored, as the protocol has it.
    """
    return _reader(kind)(raw)


@cache
def _reader(kind: Any) -> Callable[[Any], Any]:
    if kind in _PLAIN:
        return _PLAIN[kind]
    if isinstance(kind, NewType):
        return _reader(kind.__supertype__)
    if isinstance(kind, UnionType) or get_origin(kind) is Union:
        return _optional(_reader(next(one for one in get_args(kind) if one is not type(None))))
    if get_origin(kind) is tuple:
        parts = get_args(kind)
        return _many(_reader(parts[0])) if parts[1] is Ellipsis else _fixed(tuple(_reader(one) for one in parts))
    hints = get_type_hints(kind)
    return _struct(kind, tuple(_reader(hints[name]) for name in kind._fields), len(kind._field_defaults))


def _bool(raw: Any) -> bool:
    if raw is True or raw is False:
        return bool(raw)
    raise Unreadable(f"a boolean was wanted, not {_short(raw)}")


def _int(raw: Any) -> int:
    if type(raw) is int:
        return raw
    raise Unreadable(f"an integer was wanted, not {_short(raw)}")


def _float(raw: Any) -> float:
    if type(raw) in (float, int) and math.isfinite(raw):
        return float(raw)
    raise Unreadable(f"a finite number was wanted, not {_short(raw)}")


def _str(raw: Any) -> str:
    if type(raw) is str:
        return raw
    raise Unreadable(f"a text was wanted, not {_short(raw)}")


def _bytes(raw: Any) -> bytes:
    if type(raw) is bytes:
        return raw
    raise Unreadable(f"bytes were wanted, not {_short(raw)}")


def _raw(raw: Any) -> Any:
    return raw


_PLAIN: dict[Any, Callable[[Any], Any]] = {
    bool: _bool, int: _int, float: _float, str: _str, bytes: _bytes, Any: _raw,
}  # fmt: skip


def _array(raw: Any) -> Any:
    if type(raw) in (list, tuple):
        return raw
    raise Unreadable(f"an array was wanted, not {_short(raw)}")


def _optional(inner: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def optional(raw: Any) -> Any:
        parts = _array(raw)
        if len(parts) == 1 and parts[0] is False:
            return None
        if len(parts) == 2 and parts[0] is True:
            return inner(parts[1])
        raise Unreadable(f"an optional was wanted, not {_short(raw)}")

    return optional


def _many(inner: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def many(raw: Any) -> Any:
        return tuple([inner(one) for one in _array(raw)])

    return many


def _fixed(inners: tuple[Callable[[Any], Any], ...]) -> Callable[[Any], Any]:
    def fixed(raw: Any) -> Any:
        parts = _array(raw)
        if len(parts) < len(inners):
            raise Unreadable(f"{len(inners)} parts were wanted, not {len(parts)}")
        return tuple([inner(one) for inner, one in zip(inners, parts, strict=False)])

    return fixed


def _struct(kind: Any, inners: tuple[Callable[[Any], Any], ...], defaults: int) -> Callable[[Any], Any]:
    least = len(inners) - defaults

    def struct(raw: Any) -> Any:
        parts = _array(raw)
        if len(parts) < least:
            raise Unreadable(f"{kind.__name__} has {len(inners)} fields, not {len(parts)}")
        return kind(*[inner(one) for inner, one in zip(inners, parts, strict=False)])

    return struct


def _short(raw: Any) -> str:
    text = f"{type(raw).__name__} {raw!r}"
    return text if len(text) < 60 else text[:57] + "..."


def packable(value: Any) -> Any:
    """The settings as the wire wants them: an optional is (False,) or (True, value)."""
    if isinstance(value, EpisodeSettings):
        fixed = value.fixed_delta_seconds
        return (*value[:2], (False,) if fixed is None else (True, fixed), *value[3:])
    return value

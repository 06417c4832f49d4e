"""Attributes that many blueprints share, in CARLA's order and with its defaults."""

from typing import Any, Final
from zlib import crc32

from sim.blueprints.blueprint import Attribute, AttributeKind

_KINDS: Final = {
    "bool": AttributeKind.BOOL, "int": AttributeKind.INT, "float": AttributeKind.FLOAT,
    "string": AttributeKind.STRING, "color": AttributeKind.COLOUR,
}  # fmt: skip

# How large a body may be made: own; nothing on a road is larger, nothing thinner can be seen.
LONGEST_M: Final = 1000.0
THINNEST_M: Final = 0.001
OUTLINE: Final = ("length_m", "width_m", "height_m", "clearance_m")


def uid_of(blueprint_id: str) -> int:
    """A number for an id, the same in every version: its CRC-32 (own; clients only send it back)."""
    return crc32(blueprint_id.encode())


def text_of(value: bool | int | float | str) -> str:
    """A value as CARLA writes it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def free(
    name: str, kind: str, *values: str, only: bool = False, limits: tuple[float, float] | None = None
) -> Attribute:
    """An attribute that clients may set; the first value is its default."""
    return Attribute(
        name=name, kind=_KINDS[kind], value=values[0], recommended=values, restricted=only, limits=limits
    )  # fmt: skip


def fixed(name: str, kind: str, value: bool | int | float | str) -> Attribute:
    """An attribute that clients can only read."""
    return Attribute(name=name, kind=_KINDS[kind], value=text_of(value), modifiable=False)


def from_row(name: str, row: dict[str, Any]) -> Attribute:
    """An attribute of the data files: {type: default, from, to, also, only}."""
    kind = next(key for key in row if key in _KINDS)
    values = tuple(text_of(value) for value in (row[kind], *row.get("also", ())))
    limits = (float(row["from"]), float(row["to"])) if "from" in row else None
    return free(name, kind, *values, only=bool(row.get("only", False)), limits=limits)


def roles(*names: str) -> tuple[Attribute, Attribute]:
    """`role_name`, and the name under which ROS shows the actor."""
    return free("role_name", "string", *names), free("ros_name", "string", "")


def outline(length_m: float, width_m: float, height_m: float, clearance_m: float) -> tuple[Attribute, ...]:
    """Faultline's own: the box of a body, its height above the clearance."""
    values = (length_m, width_m, height_m, clearance_m)
    return tuple(
        free(name, "float", text_of(float(value)), limits=(0.0 if name == "clearance_m" else THINNEST_M, LONGEST_M))
        for name, value in zip(OUTLINE, values, strict=True)
    )

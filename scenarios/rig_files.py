"""Rig files: the raw sensors of a run (pixel cameras, lidars, GNSS, inertial units), where they sit, how they are set.

Every run has the object-level sensors; a rig adds to them. Parameters are those of the sensor model's
own dataclass, nested as it nests; what a rig does not name keeps its default.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from enum import Enum
from math import radians
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from scenarios.documents import Number, Positive, Section, Text, nearest, read_document
from scenarios.specification import Why
from sim.camera.parameters import PixelCameraParameters, checked_camera
from sim.mount import Mount
from sim.sensors import SENSORS, LidarParameters
from sim.sensors.lidar_pattern import lidar_pattern
from stack.vocabulary import Finding, InputError
from stack.vocabulary.topics import kind_of

RIGS = Path(__file__).parent / "rigs"
DEFAULT_RIG = "objects"
MOST_SENSORS = 16

Scalar = bool | int | float | str
Nested = dict[str, Scalar | dict[str, Scalar]]


class MountRow(Section):
    """A place in the ego frame (origin on the ground below the front edge's centre) and a direction."""

    x_m: Number
    y_m: Number
    z_m: Number
    yaw_deg: Number = 0.0
    pitch_deg: Number = 0.0  # positive: nose down
    roll_deg: Number = 0.0

    def mount(self) -> Mount:
        """The same in SI units."""
        return Mount(
            x_m=self.x_m, y_m=self.y_m, z_m=self.z_m, yaw_rad=radians(self.yaw_deg),
            pitch_rad=radians(self.pitch_deg), roll_rad=radians(self.roll_deg),
        )  # fmt: skip


class SensorEntry(Section):
    """One raw sensor. The first of a kind needs no name; further ones do."""

    kind: Literal["camera_image", "lidar", "gnss", "inertial"]
    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")] | None = None
    rate_hz: Positive | None = None
    mount: MountRow | None = None
    parameters: Nested = {}


class RigFile(Section):
    """A rig file from top to bottom."""

    title: Text
    why: Why
    sensors: tuple[SensorEntry, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RawSensor:
    """One raw sensor of a run, resolved: its topic, its rate, where it sits (None: the model's own), its parameters."""

    topic: str
    rate_hz: float
    mount: Mount | None
    parameters: Any


def rig_names(folder: Path = RIGS) -> tuple[str, ...]:
    """Names of the shipped rigs, sorted."""
    return tuple(sorted(path.stem for path in folder.glob("*.yaml")))


def read_rig(name_or_path: str, changes: Mapping[str, Mapping[str, object]] | None = None) -> tuple[RawSensor, ...]:
    """The raw sensors of a rig by name or file, with overrides by topic; raises `InputError` with every finding."""
    path = Path(name_or_path) if name_or_path.endswith((".yaml", ".yml")) else RIGS / f"{name_or_path}.yaml"
    if path.parent == RIGS and path.stem not in rig_names():
        problem = f"no rig of this name{nearest(path.stem, rig_names())}"
        raise InputError((Finding(where="--rig", field=name_or_path, problem=problem),))
    return resolved(read_document(path, RigFile), str(name_or_path), changes or {})


def resolved(rig: RigFile, where: str, changes: Mapping[str, Mapping[str, object]]) -> tuple[RawSensor, ...]:
    """Every sensor with its parameters; all findings at once."""
    findings: list[Finding] = []
    made: list[RawSensor] = []
    if len(rig.sensors) > MOST_SENSORS:
        findings.append(Finding(where=where, field="sensors", problem=f"has more than {MOST_SENSORS}; take some out"))
    for index, entry in enumerate(rig.sensors):
        field = f"sensors.{index}"
        topic = f"{entry.kind}/{entry.name}" if entry.name else entry.kind
        if any(other.topic == topic for other in made):
            problem = f"a second {topic}: give it a name of its own"
            findings.append(Finding(where=where, field=f"{field}.name", problem=problem))
        row = SENSORS[entry.kind]
        try:
            parameters = filled(row.parameters, entry.parameters, f"{field}.parameters", where)
            parameters = filled(parameters, dotted_in(changes.get(topic, {})), f"sensor.{topic}", "--set")
            _check(parameters, entry.rate_hz or row.rate_hz, f"{where}: {topic}")
        except InputError as refused:
            findings += refused.findings
            continue
        mount = entry.mount.mount() if entry.mount is not None else None
        made.append(RawSensor(topic=topic, rate_hz=entry.rate_hz or row.rate_hz, mount=mount, parameters=parameters))
    topics = [sensor.topic for sensor in made]
    for topic in changes:
        if kind_of(topic) in ("camera_image", "lidar", "gnss", "inertial") and topic not in topics and not findings:
            problem = f"this run has no sensor '{topic}'{nearest(topic, topics)}; name a --rig that has"
            findings.append(Finding(where="--set", field=f"sensor.{topic}", problem=problem))
    if findings:
        raise InputError(tuple(findings))
    return tuple(made)


def _check(parameters: Any, rate_hz: float, where: str) -> None:
    """Refuse what no sensor can be made of: impossible intrinsics, an unknown pattern, a lidar at another rate."""
    if isinstance(parameters, PixelCameraParameters):
        checked_camera(parameters, where)
    elif isinstance(parameters, LidarParameters):
        turns_hz = lidar_pattern(parameters.pattern).rate_hz
        if rate_hz != turns_hz:
            problem = f"{rate_hz:g}, but this lidar turns {turns_hz:g} times a second: leave it out or take that"
            raise InputError((Finding(where=where, field="rate_hz", problem=problem),))


def dotted_in(changes: Mapping[str, object]) -> dict[str, Any]:
    """`{"lens.width_px": 320}` as `{"lens": {"width_px": 320}}`."""
    nested: dict[str, Any] = {}
    for name, value in changes.items():
        outer, dot, inner = name.partition(".")
        if dot:
            nested.setdefault(outer, {})[inner] = value
        else:
            nested[outer] = value
    return nested


def filled(value: Any, given: Mapping[str, Any], field: str, where: str) -> Any:
    """A parameter dataclass with some of its fields replaced; raises `InputError` with every finding."""
    findings: list[Finding] = []
    changes: dict[str, Any] = {}
    known = [each.name for each in fields(value)]
    for name, wanted in given.items():
        path = f"{field}.{name}"
        if name not in known:
            findings.append(Finding(where=where, field=path, problem=f"unknown key{nearest(name, known)}"))
            continue
        now = getattr(value, name)
        try:
            changes[name] = filled(now, wanted, path, where) if is_dataclass(now) else _fitting(now, wanted)
        except InputError as refused:
            findings += refused.findings
        except (TypeError, ValueError) as problem:
            findings.append(Finding(where=where, field=path, problem=str(problem)))
    if not findings:
        try:
            return replace(value, **changes)
        except InputError as refused:
            findings += [
                Finding(where=where, field=f"{field}.{one.field}", problem=one.problem) for one in refused.findings
            ]
        except ValueError as problem:
            findings.append(Finding(where=where, field=field, problem=str(problem)))
    raise InputError(tuple(findings))


def _fitting(now: Any, wanted: Any) -> Any:
    """A value of the kind that stands there now; raises ValueError."""
    if isinstance(now, Enum):
        kinds = [str(member.value) for member in type(now)]
        if str(wanted) not in kinds:
            raise ValueError(f"must be one of {', '.join(kinds)}{nearest(wanted, kinds)}")
        return type(now)(wanted)
    if isinstance(now, bool) or isinstance(wanted, bool):
        if not (isinstance(now, bool) and isinstance(wanted, bool)):
            raise ValueError(f"must be {'true or false' if isinstance(now, bool) else 'a number'}, got {wanted!r}")
        return wanted
    if isinstance(now, str):
        return str(wanted)
    if not isinstance(wanted, int | float):
        raise ValueError(f"must be a number, got {wanted!r}")
    if isinstance(now, int):
        if wanted != int(wanted):
            raise ValueError(f"must be a whole number, got {wanted!r}")
        return int(wanted)
    return float(wanted)

"""Vehicle files: what a vehicle is, unladen and laden, and the model of it at the load of a run.

Files are YAML beside this module (`vehicles/`), SI units in every key, sources in their comments.
Unknown keys are refused; all findings come at once as `file:line:col: field: problem`.
"""

from importlib.resources import files
from typing import Annotated, Any, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from sim.layout import VehicleModel
from stack.vocabulary import Finding, InputError, ns_from_s

_FOLDER = files("sim.twin").joinpath("vehicles")

Positive = Annotated[float, Field(gt=0.0, allow_inf_nan=False)]
NotNegative = Annotated[float, Field(ge=0.0, allow_inf_nan=False)]


class _Strict(BaseModel):
    """Unknown keys are errors; values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Outline(_Strict):
    """The hull as a box: its height runs from the ground clearance up."""

    length_m: Positive
    width_m: Positive
    hull_height_m: Positive
    ground_clearance_m: NotNegative


class Axles(_Strict):
    """Where the axles are: rear overhang is from the (middle of the) rear axle to the rear end."""

    wheelbase_m: Positive
    rear_overhang_m: NotNegative


class Load(_Strict):
    """What changes with load. Cornering stiffness is per axle, N/rad; brake maximum by design."""

    mass_kg: Positive
    front_axle_to_cg_m: Positive
    yaw_inertia_kgm2: Positive
    cornering_front_npr: Positive
    cornering_rear_npr: Positive
    brake_max_mps2: Positive


class Tyres(_Strict):
    """Peak friction as a share of a car tyre's on the same road."""

    friction_ratio: Annotated[float, Field(gt=0.0, le=1.5)]


class Steering(_Strict):
    """Road-wheel angle: its bound, its fastest change, its lag."""

    angle_max_rad: Annotated[float, Field(gt=0.0, lt=1.2)]
    rate_max_radps: Positive
    lag_s: Positive


class Drive(_Strict):
    """Largest acceleration and the lag to reach it."""

    acceleration_max_mps2: Positive
    lag_s: Positive


class Brakes(_Strict):
    """Dead time after a change of demand, then a first-order lag."""

    dead_time_s: NotNegative
    lag_s: Positive


class VehicleFile(_Strict):
    """A vehicle, unladen and laden."""

    name: str
    category: str
    outline: Outline
    axles: Axles
    unladen: Load
    laden: Load
    tyres: Tyres
    steering: Steering
    drive: Drive
    brakes: Brakes
    speed_limit_mps: Positive

    @model_validator(mode="after")
    def _hold_together(self) -> Self:
        """Load only adds, axles fit under the hull, the centre of gravity lies between them."""
        if self.laden.mass_kg < self.unladen.mass_kg:
            raise ValueError("laden.mass_kg is below unladen.mass_kg")
        if self.axles.wheelbase_m + self.axles.rear_overhang_m >= self.outline.length_m:
            raise ValueError("wheelbase_m and rear_overhang_m do not fit into length_m")
        for load in (self.unladen, self.laden):
            if load.front_axle_to_cg_m >= self.axles.wheelbase_m:
                raise ValueError("front_axle_to_cg_m is not between the axles")
        return self

    def at_load(self, load_ratio: float) -> VehicleModel:
        """The vehicle with this share of its payload: linear between unladen (0) and laden (1)."""
        if not 0.0 <= load_ratio <= 1.0:
            finding = Finding(where=self.name, field="load_ratio", problem=f"must be from 0 to 1, not {load_ratio}")
            raise InputError((finding,))

        def between(field: str) -> float:
            low, high = float(getattr(self.unladen, field)), float(getattr(self.laden, field))
            return low + load_ratio * (high - low)

        return VehicleModel(
            name=self.name,
            length_m=self.outline.length_m,
            width_m=self.outline.width_m,
            height_m=self.outline.hull_height_m,
            wheelbase_m=self.axles.wheelbase_m,
            front_axle_to_cg_m=between("front_axle_to_cg_m"),
            rear_overhang_m=self.axles.rear_overhang_m,
            mass_kg=between("mass_kg"),
            yaw_inertia_kgm2=between("yaw_inertia_kgm2"),
            cornering_front_npr=between("cornering_front_npr"),
            cornering_rear_npr=between("cornering_rear_npr"),
            tyre_friction_ratio=self.tyres.friction_ratio,
            steer_max_rad=self.steering.angle_max_rad,
            steer_rate_max_radps=self.steering.rate_max_radps,
            steer_lag_s=self.steering.lag_s,
            drive_max_mps2=self.drive.acceleration_max_mps2,
            drive_lag_s=self.drive.lag_s,
            brake_max_mps2=between("brake_max_mps2"),
            brake_dead_time_ns=int(ns_from_s(self.brakes.dead_time_s)),
            brake_lag_s=self.brakes.lag_s,
            speed_limit_mps=self.speed_limit_mps,
        )


def vehicle_names() -> tuple[str, ...]:
    """Names of the vehicles that come with the twin, sorted."""
    return tuple(sorted(entry.name[:-5] for entry in _FOLDER.iterdir() if entry.name.endswith(".yaml")))


def vehicle_file(name_or_text: str) -> VehicleFile:
    """A vehicle by name, or from the text of a vehicle file (anything with a line break)."""
    if "\n" in name_or_text:
        return _parsed(name_or_text, "vehicle")
    if name_or_text not in vehicle_names():
        problem = f"there is no vehicle {name_or_text!r}; there are {', '.join(vehicle_names())}"
        raise InputError((Finding(where=name_or_text, field="vehicle", problem=problem),))
    file_name = f"{name_or_text}.yaml"
    return _parsed(_FOLDER.joinpath(file_name).read_text(encoding="utf-8"), file_name)


def load_vehicle(name_or_text: str, load_ratio: float = 1.0) -> VehicleModel:
    """The model of a vehicle (name, or text of a vehicle file) with this share of its payload."""
    return vehicle_file(name_or_text).at_load(load_ratio)


def _parsed(text: str, file_name: str) -> VehicleFile:
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{file_name}:{mark.line + 1}:{mark.column + 1}" if mark is not None else f"{file_name}:1:1"
        raise InputError((Finding(where=where, field="*", problem=str(getattr(error, "problem", error))),)) from error
    findings = _repeated_keys(root, file_name)
    try:
        vehicle = VehicleFile.model_validate(data)
    except ValidationError as error:
        for item in error.errors():
            path = tuple(str(part) for part in item["loc"])
            place = Finding(where=_place(root, path, file_name), field=".".join(path) or "*", problem=item["msg"])
            findings.append(place)
        raise InputError(tuple(findings)) from error
    if findings:
        raise InputError(tuple(findings))
    return vehicle


def _place(node: Any, path: tuple[str, ...], file_name: str) -> str:
    """`file:line:col` of a key, or of the nearest thing around it."""
    for part in path:
        if not isinstance(node, yaml.MappingNode):
            break
        inner = {key.value: (key, value) for key, value in node.value}
        if part not in inner:
            break
        key, value = inner[part]
        node = value if isinstance(value, yaml.MappingNode) else key
    mark = getattr(node, "start_mark", None)
    return f"{file_name}:{mark.line + 1}:{mark.column + 1}" if mark is not None else f"{file_name}:1:1"


def _repeated_keys(node: Any, file_name: str) -> list[Finding]:
    """A key given twice would silently win over the first."""
    findings: list[Finding] = []
    if isinstance(node, yaml.MappingNode):
        seen: list[str] = []
        for key, value in node.value:
            if key.value in seen:
                where = f"{file_name}:{key.start_mark.line + 1}:{key.start_mark.column + 1}"
                findings.append(Finding(where=where, field=str(key.value), problem="is given twice"))
            seen.append(key.value)
            findings.extend(_repeated_keys(value, file_name))
    return findings

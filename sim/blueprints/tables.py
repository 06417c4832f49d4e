"""The library's data files and the shapes of their rows. Unknown keys are refused. Units: each file's head."""

from functools import lru_cache
from importlib.resources import files
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

_FOLDER = files("sim.blueprints").joinpath("library")

Positive = Annotated[float, Field(gt=0.0, allow_inf_nan=False)]
Size = tuple[Positive, Positive, Positive]
Curve = Annotated[tuple[tuple[float, float], ...], Field(min_length=1)]
Drawn = Literal["cone", "debris", "steel_plate", "building", "guard_rail"]
Label = Literal["static", "dynamic", "fence", "pole", "traffic_sign"]
Gender = Literal["male", "female", "other"]
Age = Literal["adult", "elderly", "teenager", "child"]


class _Strict(BaseModel):
    """Unknown keys are errors; values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class DrivelineRow(_Strict):
    """A class of driveline; what it does not say is a usual car's."""

    torque_nm: Curve
    max_rpm: Positive
    final_ratio: Positive
    ratios: Annotated[tuple[Positive, ...], Field(min_length=1)]
    drag_coefficient: Positive
    wheel_radius_m: Positive
    driven: Literal["front", "rear", "all"]
    gear_switch_time_s: float = 0.5
    brake: Positive = 12.0  # m/s²
    handbrake: Positive = 5.0  # m/s²
    tyre: Positive = 3.5
    steer_max_deg: Positive = 70.0


class VehicleRow(_Strict):
    """A vehicle of CARLA's."""

    size: Size
    wheelbase: Positive
    mass: Positive
    driveline: str
    base: Literal["car", "van", "truck", "bus", "motorcycle", "bicycle"] = "car"
    special: Literal["", "electric", "emergency", "taxi"] = ""
    generation: int = 1
    lights: bool = False
    doors: bool = False
    colours: str = ""


class VehicleTable(_Strict):
    """All vehicles of CARLA's and the palettes they come in."""

    colours: dict[str, tuple[str, ...]]
    vehicles: dict[str, VehicleRow]


class AgeRow(_Strict):
    """What people of an age are like."""

    height: dict[Gender, Positive]
    width: Positive
    depth: Positive
    mass: dict[Gender, Positive]
    walks: Positive
    runs: Positive


class WalkerTable(_Strict):
    """All walkers of CARLA's."""

    ages: dict[Age, AgeRow]
    walkers: tuple[tuple[int, Age, Gender, int], ...]
    no_wheelchair: tuple[int, ...]


class SensorTable(_Strict):
    """Groups of attributes, and which groups a sensor has."""

    groups: dict[str, dict[str, dict[str, Any]]]
    sensors: dict[str, tuple[str, ...]]


PropRow = tuple[Drawn, Positive, Positive, Positive, Positive, Label]


def _read(name: str) -> Any:
    return yaml.safe_load(_FOLDER.joinpath(f"{name}.yaml").read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def drivelines() -> dict[str, DrivelineRow]:
    """Classes of drivelines by name."""
    return TypeAdapter(dict[str, DrivelineRow]).validate_python(_read("drivelines"))


@lru_cache(maxsize=1)
def vehicles() -> VehicleTable:
    """CARLA's vehicles."""
    return VehicleTable.model_validate(_read("vehicles"))


@lru_cache(maxsize=1)
def walkers() -> WalkerTable:
    """CARLA's walkers."""
    return WalkerTable.model_validate(_read("walkers"))


@lru_cache(maxsize=1)
def props() -> dict[str, PropRow]:
    """CARLA's props: drawn as, length, width, height, mass, label."""
    return TypeAdapter(dict[str, PropRow]).validate_python(_read("props"))


@lru_cache(maxsize=1)
def sensors() -> SensorTable:
    """CARLA's sensors."""
    return SensorTable.model_validate(_read("sensors"))

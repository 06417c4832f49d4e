"""Lidar patterns: where a spinning lidar's beams point, how far it sees and how well it measures.

Files are YAML beside this module (`lidar_patterns/`), units in every key, with their source. Unknown
keys are refused; all findings come at once as `file:line:col: field: problem`.
"""

from importlib.resources import files
from math import log
from typing import Annotated, Any, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from stack.vocabulary import Finding, InputError

_FOLDER = files("sim.sensors").joinpath("lidar_patterns")
_MOST_RAYS = 1_048_576  # a revolution; the finest unit on sale has 262,144 (128 x 2048)

Positive = Annotated[float, Field(gt=0.0, allow_inf_nan=False)]
Angle = Annotated[float, Field(ge=-80.0, le=80.0, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0.0, le=1.0, allow_inf_nan=False)]


class LidarPattern(BaseModel):
    """One spinning lidar. All lasers of a column fire together; the revolution's middle looks ahead.

    The ranges at 10 and 80 % are those at which half of the shots at a Lambertian plate, head-on in clear
    air, give a return. The signal falls with the square of range up to the first, then by the power of
    range that joins the two. `detection_spread_ratio` is the standard deviation of the logarithm of the
    signal at the threshold.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    title: str
    source: str
    elevations_deg: Annotated[tuple[Angle, ...], Field(min_length=1, max_length=256, strict=False)]
    azimuth_steps: Annotated[int, Field(ge=16, le=65_536)]
    rate_hz: Annotated[float, Field(ge=1.0, le=50.0)]
    clockwise: bool  # seen from above
    wavelength_nm: Annotated[float, Field(ge=500.0, le=2000.0)]
    min_range_m: Positive  # what is nearer gives no return and still hides what is behind it
    max_range_m: Annotated[float, Field(gt=0.0, le=1000.0)]
    range_at_10_percent_m: Positive
    range_at_80_percent_m: Positive
    detection_spread_ratio: Annotated[float, Field(gt=0.0, le=2.0)]
    range_sigma_m: Annotated[float, Field(ge=0.0, le=1.0)]
    range_step_m: Annotated[float, Field(gt=0.0, le=0.5)]
    divergence_mrad: Annotated[float, Field(gt=0.0, le=50.0)]
    aperture_mm: Annotated[float, Field(gt=0.0, le=200.0)]
    pulse_ns: Annotated[float, Field(gt=0.0, le=100.0)]
    overlap_m: Positive  # where the receiver, by its optics and gain, has 63 % of its sensitivity; less nearer by
    dropout_ratio: Share  # shots lost for no reason outside the sensor

    @field_validator("elevations_deg", mode="after")
    @classmethod
    def _rising(cls, elevations: tuple[float, ...]) -> tuple[float, ...]:
        if any(upper <= lower for lower, upper in zip(elevations, elevations[1:], strict=False)):
            raise ValueError("elevations must rise from the lowest laser to the highest")
        return elevations

    @model_validator(mode="after")
    def _hold_together(self) -> Self:
        problems = []
        if self.azimuth_steps * len(self.elevations_deg) > _MOST_RAYS:
            problems.append(f"azimuth_steps times lasers must not exceed {_MOST_RAYS}")
        if self.min_range_m >= self.max_range_m:
            problems.append("min_range_m must be below max_range_m")
        if not self.range_at_10_percent_m < self.range_at_80_percent_m:
            problems.append("range_at_10_percent_m must be below range_at_80_percent_m")
        if problems:
            raise ValueError("; ".join(problems))
        return self

    @property
    def falloff(self) -> float:
        """The power of range by which a surface's signal falls beyond `range_at_10_percent_m`."""
        return log(8.0) / log(self.range_at_80_percent_m / self.range_at_10_percent_m)


def pattern_names() -> tuple[str, ...]:
    """Names of the patterns that come with Faultline, sorted."""
    return tuple(sorted(entry.name[:-5] for entry in _FOLDER.iterdir() if entry.name.endswith(".yaml")))


def lidar_pattern(name_or_text: str) -> LidarPattern:
    """A pattern by name, or from the text of a pattern file (anything with a line break)."""
    if "\n" in name_or_text:
        return _parsed(name_or_text, "lidar pattern")
    if name_or_text not in pattern_names():
        problem = f"there is no lidar pattern {name_or_text!r}; there are {', '.join(pattern_names())}"
        raise InputError((Finding(where=name_or_text, field="pattern", problem=problem),))
    file_name = f"{name_or_text}.yaml"
    return _parsed(_FOLDER.joinpath(file_name).read_text(encoding="utf-8"), file_name)


def _parsed(text: str, file_name: str) -> LidarPattern:
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{file_name}:{mark.line + 1}:{mark.column + 1}" if mark is not None else f"{file_name}:1:1"
        raise InputError((Finding(where=where, field="*", problem=str(getattr(error, "problem", error))),)) from error
    places = _places(root, file_name)
    findings = [
        Finding(where=where, field=key, problem="is given twice") for key, where in places if _count(places, key) > 1
    ]
    try:
        pattern = LidarPattern.model_validate(data)
    except ValidationError as error:
        first = dict(reversed(places))
        for item in error.errors():
            path = [str(part) for part in item["loc"]]
            where = first.get(path[0], f"{file_name}:1:1") if path else f"{file_name}:1:1"
            findings.append(Finding(where=where, field=".".join(path) or "*", problem=item["msg"]))
        raise InputError(tuple(findings)) from error
    if findings:
        raise InputError(tuple(findings))
    return pattern


def _places(root: Any, file_name: str) -> list[tuple[str, str]]:
    """Every key of the document with its `file:line:col`, in order."""
    if not isinstance(root, yaml.MappingNode):
        return []
    return [
        (str(key.value), f"{file_name}:{key.start_mark.line + 1}:{key.start_mark.column + 1}") for key, _ in root.value
    ]


def _count(places: list[tuple[str, str]], key: str) -> int:
    return sum(each == key for each, _ in places)

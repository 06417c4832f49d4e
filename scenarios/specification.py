"""The schema of a scenario file: what happens, why it matters, and what it is held to.

Keys carry units. Regulations speak km/h, so keys ending in `_kmh` are allowed here; every such
section offers the same quantity in m/s, and nothing behind this file knows km/h. Lateral offsets
are positive to the left; gaps are free distances between outlines. `Scenario` in
`scenarios.scenario_files` is a file read with its parameters filled in.
"""

from math import inf
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from analysis.criteria import Certainty, Criterion, CriterionKind
from scenarios.documents import Name, NonNegative, Number, Positive, Section, Share, Text, nearest
from scenarios.weathers import VALUES, conditions_from
from sim.layout import Behaviour
from sim.truth import ActorKind, Conditions

MPS_PER_KMH = 1.0 / 3.6
DEFAULT_VEHICLE = "truck_n3_rigid"

# Peak tyre-road friction by word. Dry 0.9: nominal peak braking coefficient of UN R152 6.1.1.1.
# Wet 0.6 and hard-packed snow 0.2: mid values for asphalt in Wong, Theory of Ground Vehicles, table 1.9.
FRICTION_WORDS = {"dry": 0.9, "wet": 0.6, "snow": 0.2}

KIND_WORDS = {kind.name.lower(): kind for kind in ActorKind}


def _friction(value: object) -> object:
    """A word for the state of the road stands for its friction."""
    if not isinstance(value, str):
        return value
    if value in FRICTION_WORDS:
        return FRICTION_WORDS[value]
    try:
        return float(value)
    except ValueError:
        words = ", ".join(FRICTION_WORDS)
        raise ValueError(f"must be a number or one of {words}{nearest(value, FRICTION_WORDS)}") from None


Friction = Annotated[
    Number,
    Field(gt=0.0, le=1.2),
    BeforeValidator(_friction),
    WithJsonSchema({"anyOf": [{"type": "number"}, {"enum": sorted(FRICTION_WORDS)}]}),
]
ActorWord = Literal[
    "car", "van", "truck", "cyclist", "adult", "child",
    "soft_target", "steel_plate", "gantry", "guard_rail", "building",
    "bus", "motorcycle", "cone", "debris",
]  # fmt: skip
REACTIVE_KINDS = ("car", "van", "truck", "bus")
Side = Literal["left", "right"]
WeatherWord = Literal[
    "day", "overcast", "low_sun", "dusk", "night", "rain", "heavy_rain", "wet_road", "night_rain", "fog", "night_fog",
]  # fmt: skip


def _one_of(section: Section, *keys: str) -> None:
    """Refuse a section that does not give exactly one of these keys."""
    given = [key for key in keys if getattr(section, key) is not None]
    if len(given) != 1:
        raise ValueError(f"needs exactly one of {', '.join(keys)}; {', '.join(given) or 'none'} given")


class Why(Section):
    """The risk a scenario probes and the public source that names it."""

    risk: Text
    source: Text


class Weather(Section):
    """State of the road, sight and light: a preset of `scenarios.weathers`, and single values instead of its own.

    The default is a clear day on a dry road (UN R152 6.1.5 asks for 2000 lx).
    """

    preset: WeatherWord = "day"
    friction: Friction | None = None
    visibility_m: Positive | None = None
    illuminance_lx: NonNegative | None = None
    sun_elevation_deg: Annotated[Number, Field(ge=-90.0, le=90.0)] | None = None
    sun_azimuth_deg: Annotated[Number, Field(ge=-360.0, le=360.0)] | None = None  # counter-clockwise from x
    cloud_ratio: Share | None = None
    rain_mmph: Annotated[Number, Field(ge=0.0, le=200.0)] | None = None
    wetness_ratio: Share | None = None

    def conditions(self) -> Conditions:
        """The same as the world takes it."""
        given = {name: getattr(self, name) for name in VALUES}
        return conditions_from(self.preset, {name: value for name, value in given.items() if value is not None})


class LaneStart(Section):
    """A place on the map: OpenDRIVE road and lane ids, and the distance along the lane in driving direction."""

    road: int
    lane: int
    s_m: NonNegative


class Ego(Section):
    """The vehicle under test: `load_ratio` 0 is running order, 1 maximum mass; `s_m` is its centre."""

    vehicle: Name = DEFAULT_VEHICLE
    load_ratio: Share = 1.0
    lane: LaneStart
    speed_kmh: Positive
    offset_m: Number = 0.0

    @property
    def speed_mps(self) -> float:
        """Approach speed in m/s."""
        return self.speed_kmh * MPS_PER_KMH


class AheadOfEgo(Section):
    """On the ego's route, or the lane beside it, ahead: free distance directly, by TTC or by headway at the start."""

    at: Literal["ahead_of_ego"]
    gap_m: NonNegative | None = None
    ttc_s: Positive | None = None
    headway_s: Positive | None = None
    lane: Literal["same", "left", "right"] = "same"
    offset_m: Number = 0.0
    faces: Literal["along", "against"] = "along"

    @model_validator(mode="after")
    def _gap_given_once(self) -> "AheadOfEgo":
        _one_of(self, "gap_m", "ttc_s", "headway_s")
        return self


class BehindEgo(Section):
    """Behind the ego in its lane or the one beside it."""

    at: Literal["behind_ego"]
    gap_m: NonNegative
    lane: Literal["same", "left", "right"] = "same"
    offset_m: Number = 0.0


class Crossing(Section):
    """Walks or rides straight across the ego's path.

    Starts at rest `distance_m` beside the ego's path centre, reaches `speed_kmh` within
    `speed_up_over_m`, and is at the path centre when the unbraked ego's front edge gets there:
    `meets_ego_after_s` after the run's start. `stops_at_offset_m` lets it stop that far from the
    path centre instead, as one who waits at the kerb.
    """

    at: Literal["crossing"]
    from_side: Side
    speed_kmh: Positive
    distance_m: Positive
    meets_ego_after_s: Positive
    speed_up_over_m: Positive = 1.0
    stops_at_offset_m: Positive | None = None

    @property
    def speed_mps(self) -> float:
        """Walking speed in m/s."""
        return self.speed_kmh * MPS_PER_KMH


class BesideCrossing(Section):
    """Stands beside the ego's path so that its far end is `gap_m` short of where another actor crosses."""

    at: Literal["beside_crossing"]
    of: Name
    gap_m: NonNegative
    offset_m: Number


class Rows(Section):
    """Parked one behind the other beside the ego's path, `spacing_m` from centre to centre."""

    at: Literal["rows"]
    sides: Literal["left", "right", "both"] = "both"
    count: Annotated[int, Field(ge=1, le=200)]
    first_gap_m: NonNegative
    spacing_m: Positive
    offset_m: Positive


class RoadObjects(Section):
    """Wherever the map has such objects within a distance of the ego's route: its guard rails, say."""

    at: Literal["road_objects"]
    within_m: Positive = 8.0


Placement = Annotated[
    AheadOfEgo | BehindEgo | Crossing | BesideCrossing | Rows | RoadObjects, Field(discriminator="at")
]


class ManoeuvreRow(Section):
    """One trigger (`at_s`, `gap_below_m`, `ttc_below_s`, the last two to actor `to`) and one action."""

    at_s: NonNegative | None = None
    gap_below_m: NonNegative | None = None
    ttc_below_s: NonNegative | None = None
    to: Name = "ego"
    set_speed_kmh: NonNegative | None = None
    rate_mps2: Positive | None = None
    set_offset_m: Number | None = None
    lateral_mps: Positive | None = None

    @model_validator(mode="after")
    def _one_trigger_one_action(self) -> "ManoeuvreRow":
        _one_of(self, "at_s", "gap_below_m", "ttc_below_s")
        _one_of(self, "set_speed_kmh", "set_offset_m")
        wanted = "rate_mps2" if self.set_speed_kmh is not None else "lateral_mps"
        _one_of(self, "rate_mps2", "lateral_mps")
        if getattr(self, wanted) is None:
            raise ValueError(f"this action needs {wanted}")
        return self


class Actor(Section):
    """Someone or something besides the ego."""

    name: Name
    kind: ActorWord
    placement: Placement
    speed_kmh: NonNegative = 0.0
    behaviour: Literal["static", "scripted", "reactive"] = "static"
    desired_speed_kmh: Positive | None = None  # reactive: what IDM strives for; the start speed if not given
    time_gap_s: Positive = 1.5  # reactive
    changes_lanes: bool = False  # reactive
    size_m: tuple[Positive, Positive, Positive] | None = None  # length, width, height; the kind's usual if not given
    manoeuvres: tuple[ManoeuvreRow, ...] = ()

    @model_validator(mode="after")
    def _motion_fits(self) -> "Actor":
        crossing = isinstance(self.placement, Crossing)
        if self.behaviour == "static" and not crossing and (self.speed_kmh > 0.0 or self.manoeuvres):
            raise ValueError("a static actor neither has a speed nor manoeuvres: make it scripted or reactive")
        if crossing and (self.speed_kmh > 0.0 or self.behaviour != "static"):
            raise ValueError("a crossing actor takes its speed from placement.speed_kmh and needs no behaviour")
        if self.behaviour == "reactive" and (self.speed_kmh <= 0.0 or self.kind not in REACTIVE_KINDS):
            raise ValueError("a reactive actor is a car, van, truck or bus and needs speed_kmh above 0")
        lanes = isinstance(self.placement, AheadOfEgo | BehindEgo)
        if self.behaviour == "reactive" and (not lanes or self.manoeuvres or self.size_m):
            raise ValueError("a reactive actor is placed ahead of or behind the ego, without manoeuvres or size_m")
        if self.behaviour != "static" and (not lanes or getattr(self.placement, "faces", "along") == "against"):
            raise ValueError("what moves is placed ahead of or behind the ego and faces along its lane")
        if any(row.at_s is None and row.to == self.name for row in self.manoeuvres):
            raise ValueError("a manoeuvre cannot wait for the actor's own gap to itself")
        return self

    @property
    def actor_kind(self) -> ActorKind:
        """The kind as the world names it."""
        return KIND_WORDS[self.kind]

    @property
    def moves(self) -> Behaviour:
        """How the world moves it."""
        return Behaviour.SCRIPTED if isinstance(self.placement, Crossing) else Behaviour(self.behaviour)

    @property
    def speed_mps(self) -> float:
        """Speed at the start in m/s."""
        return self.speed_kmh * MPS_PER_KMH


class FunctionalPart(Section):
    """The measured part of a run: from `starts_s` on, with at least this TTC to the target then.

    2 s of straight approach and TTC >= 4 s: UN R152 6.4-6.7, whose conduct UN R131 shares.
    """

    starts_s: Annotated[Number, Field(ge=2.0)] = 2.0
    ttc_at_least_s: NonNegative = 4.0
    target: str = ""


class EndsAt(Section):
    """The run is over at an instant."""

    when: Literal["at_time"]
    at_s: Positive


class EndsSettled(Section):
    """The run is over once nothing closes any more: the ego has been at rest, or past or no faster than all
    actors ahead in its path, for `for_s`.
    """

    when: Literal["settled"]
    for_s: Positive = 1.0


class Tolerances(Section):
    """What must hold for a run to count. Offset 0.2 m: UN R152 5.2.1.4; speed +/- 2 km/h: UN R131 (00 and 01 series)
    6.4.1 and 6.5.1.
    """

    speed_tolerance_kmh: Positive = 2.0
    target_speed_tolerance_kmh: Positive = 2.0
    offset_max_m: Positive = 0.2


class Parameter(Section):
    """A number a scenario can be varied by; its name ends in its unit. `value` is used unless it is set.

    `range` only bounds it; `uniform` and `choices` also say how chance draws it.
    """

    value: Number
    range: tuple[Number, Number] | None = None
    uniform: tuple[Number, Number] | None = None
    choices: tuple[Number, ...] | None = None

    @model_validator(mode="after")
    def _value_allowed(self) -> "Parameter":
        _one_of(self, "range", "uniform", "choices")
        bounds = self.range or self.uniform
        if bounds is not None and not bounds[0] <= self.value <= bounds[1]:
            raise ValueError(f"value {self.value:g} is outside [{bounds[0]:g}, {bounds[1]:g}]")
        if self.choices is not None and self.value not in self.choices:
            raise ValueError(f"value {self.value:g} is none of {', '.join(f'{choice:g}' for choice in self.choices)}")
        return self


class CriterionRow(Section):
    """One limit, named with its unit, and where it comes from."""

    impact_speed_at_most_kmh: NonNegative | None = None
    no_contact: Literal[True] | None = None
    demand_at_least_mps2: Positive | None = None
    warning_before_braking_at_least_s: NonNegative | None = None
    warning_not_after_braking: Literal[True] | None = None
    no_collision_warning: Literal[True] | None = None
    no_braking: Literal[True] | None = None
    minimum_gap_at_least_m: NonNegative | None = None
    clause: Text
    source: Text
    certainty: Literal["V", "Vx", "D", "S", "K", "own"]

    @model_validator(mode="after")
    def _one_limit(self) -> "CriterionRow":
        _one_of(self, *CRITERION_KEYS)
        return self

    def criterion(self) -> Criterion:
        """The same as the judge takes it, in SI units."""
        key = next(key for key in CRITERION_KEYS if getattr(self, key) is not None)
        given = getattr(self, key)
        limit = 0.0 if given is True else float(given) * (MPS_PER_KMH if key.endswith("_kmh") else 1.0)
        return Criterion(
            kind=CRITERION_KEYS[key],
            limit=limit,
            clause=self.clause,
            source=self.source,
            certainty=Certainty(self.certainty),
        )


CRITERION_KEYS = {
    "impact_speed_at_most_kmh": CriterionKind.IMPACT_SPEED_AT_MOST,
    "no_contact": CriterionKind.NO_CONTACT,
    "demand_at_least_mps2": CriterionKind.DEMAND_AT_LEAST,
    "warning_before_braking_at_least_s": CriterionKind.WARNING_BEFORE_BRAKING_AT_LEAST,
    "warning_not_after_braking": CriterionKind.WARNING_NOT_AFTER_BRAKING,
    "no_collision_warning": CriterionKind.NO_COLLISION_WARNING,
    "no_braking": CriterionKind.NO_BRAKING,
    "minimum_gap_at_least_m": CriterionKind.MINIMUM_GAP_AT_LEAST,
}

DemandKind = Literal["must_brake", "must_not_brake"]


class ScenarioFile(Section):
    """A scenario file from top to bottom."""

    title: Text
    why: Why
    kind: DemandKind
    map: Name
    conditions: Weather = Weather()
    ego: Ego
    driver: Literal["robot", "attentive", "distracted"] = "robot"
    actors: tuple[Actor, ...] = ()
    functional_part: FunctionalPart = FunctionalPart()
    ends: Annotated[EndsAt | EndsSettled, Field(discriminator="when")] = EndsSettled(when="settled")
    limit_s: Positive
    preconditions: Tolerances = Tolerances()
    parameters: dict[Name, Parameter] = {}
    criteria: Annotated[tuple[CriterionRow, ...], Field(min_length=1)]

    @property
    def ends_at_s(self) -> float:
        """The planned end in seconds; inf if the run ends when settled."""
        return self.ends.at_s if isinstance(self.ends, EndsAt) else inf

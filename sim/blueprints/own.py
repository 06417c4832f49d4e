"""Faultline's own blueprints: the vehicles of its vehicle files and everything a scenario can place, to measure.

Each has the attributes `length_m`, `width_m`, `height_m` (of the box above its lower edge) and
`clearance_m`; a vehicle of a vehicle file also `load_ratio` (0 unladen, 1 laden). Outline, masses, axles,
steering angle, greatest speed, greatest drive and greatest deceleration are the file's. Its dead time and
lags are not in here: whoever drives it adds them.
"""

from dataclasses import replace
from math import degrees, pi
from typing import Final

from sim.blueprints import tables
from sim.blueprints.attributes import OUTLINE, free, outline, roles, text_of, uid_of
from sim.blueprints.blueprint import NOMINAL_TYRE_FRICTION, Attribute, Blueprint, Body, Driveline, Family, Gear
from sim.blueprints.vehicles import TRACK_RATIO, driveline, features
from sim.layout import VehicleModel
from sim.scenery.bodies import SEMANTICS
from sim.truth import ActorKind
from sim.twin.hulls import USUAL_HULLS, Hull, hull_of
from sim.twin.vehicles import VehicleFile, vehicle_file, vehicle_names

VEHICLE_PREFIX: Final = "vehicle.faultline."
WALKER_PREFIX: Final = "walker.faultline."
PROP_PREFIX: Final = "static.prop.faultline."
CATEGORIES: Final = {
    "M1": (ActorKind.CAR, "car"), "M2": (ActorKind.BUS, "bus"), "M3": (ActorKind.BUS, "bus"),
    "N1": (ActorKind.VAN, "van"), "N2": (ActorKind.TRUCK, "truck"), "N3": (ActorKind.TRUCK, "truck"),
}  # fmt: skip
RIDDEN: Final = {
    ActorKind.CYCLIST: ("bicycle", "bicycle", 1.15),
    ActorKind.MOTORCYCLE: ("motorcycle", "motorcycle_sport", 1.41),
}
PROPS: Final = (
    ActorKind.SOFT_TARGET, ActorKind.STEEL_PLATE, ActorKind.GANTRY, ActorKind.GUARD_RAIL, ActorKind.BUILDING,
    ActorKind.CONE, ActorKind.DEBRIS,
)  # fmt: skip
# Radius of the loaded wheel by category, m: usual tyres, 205/55 R16, 235/65 R16 C, 315/70 R22.5, 275/70 R22.5
# (recalled: confirm). It cancels out of deceleration and drive; it is only what clients read.
_RADIUS_M: Final = {"M1": 0.31, "N1": 0.35, "N2": 0.40, "N3": 0.50, "M2": 0.40, "M3": 0.47}
_DRAG: Final = {"M1": 0.30, "N1": 0.35, "N2": 0.60, "N3": 0.65, "M2": 0.60, "M3": 0.60}
_CENTRE_RATIO: Final = {"M1": 0.37, "N1": 0.36, "N2": 0.38, "N3": 0.40, "M2": 0.40, "M3": 0.40}  # own, of the height
_PARKING_MPS2: Final = 3.0  # own: holds on a slope of 30 %
_FINAL_RATIO: Final = 4.0
_STAGES: Final = 1.0  # one gear: the file states a greatest acceleration, not an engine
_PAINTS: Final = ("214,216,218", "28,64,128", "139,14,22", "38,70,47", "12,12,13", "240,170,24")  # own


def own_blueprints() -> tuple[Blueprint, ...]:
    """All of them."""
    vehicles = [_of_file(name) for name in vehicle_names()]
    ridden = [_ridden(kind) for kind in RIDDEN]
    walkers = [_walker(ActorKind.ADULT, "adult"), _walker(ActorKind.CHILD, "child")]
    return (*vehicles, *ridden, *walkers, *(_prop(kind) for kind in PROPS))


def own_id(kind: ActorKind) -> str | None:
    """Which of Faultline's blueprints makes a thing of this kind that has no vehicle file."""
    word = kind.name.lower()
    if kind in RIDDEN:
        return VEHICLE_PREFIX + word
    if kind in (ActorKind.ADULT, ActorKind.CHILD):
        return WALKER_PREFIX + word
    return PROP_PREFIX + word if kind in PROPS else None


def fitted(blueprint: Blueprint, attributes: dict[str, str]) -> Blueprint:
    """The blueprint with the body that these (checked) attributes give it."""
    if blueprint.body is None or not blueprint.default("length_m"):
        return blueprint
    body = blueprint.body
    if blueprint.default("load_ratio"):
        name = blueprint.id.removeprefix(VEHICLE_PREFIX)
        body = body_of_file(vehicle_file(name), float(attributes["load_ratio"]))
    length_m, width_m, height_m, clearance_m = (float(attributes[name]) for name in OUTLINE)
    return replace(blueprint, body=stretched(body, (length_m, width_m, height_m), clearance_m))


def stretched(body: Body, box_m: tuple[float, float, float], clearance_m: float) -> Body:
    """The body with another box; its axles and centre of mass keep their shares of length, width and height."""
    if box_m == body.box_m and clearance_m == body.clearance_m:
        return body
    length_m, width_m, height_m = box_m
    along, across, up = length_m / body.length_m, width_m / body.width_m, (clearance_m + height_m) / body.height_m
    model = body.model
    if model is not None:
        model = replace(
            model, length_m=length_m, width_m=width_m, height_m=height_m, wheelbase_m=along * model.wheelbase_m,
            front_axle_to_cg_m=along * model.front_axle_to_cg_m, rear_overhang_m=along * model.rear_overhang_m,
        )  # fmt: skip
    return replace(
        body,
        length_m=length_m,
        width_m=width_m,
        height_m=clearance_m + height_m,
        clearance_m=clearance_m,
        axles_m=(along * body.axles_m[0], along * body.axles_m[1]),
        track_m=across * body.track_m,
        centre_m=(along * body.centre_m[0], up * body.centre_m[1]),
        model=model,
    )


def body_of_file(vehicle: VehicleFile, load_ratio: float) -> Body:
    """The body of a vehicle file at a load: exactly its outline, axles, mass and brake maximum."""
    model, hull = vehicle.at_load(load_ratio), hull_of(vehicle, load_ratio)
    rear_m = model.rear_overhang_m - 0.5 * model.length_m
    front_m = rear_m + model.wheelbase_m
    height_m = hull.clearance_m + model.height_m
    return Body(
        kind=CATEGORIES[vehicle.category][0],
        length_m=model.length_m,
        width_m=model.width_m,
        height_m=height_m,
        mass_kg=model.mass_kg,
        axles_m=(front_m, rear_m),
        track_m=TRACK_RATIO * model.width_m,
        wheels=4,
        driveline=_driveline(model, vehicle.category),
        clearance_m=hull.clearance_m,
        centre_m=(front_m - model.front_axle_to_cg_m, _CENTRE_RATIO[vehicle.category] * height_m),
        model=model,
    )


def _driveline(model: VehicleModel, category: str) -> Driveline:
    """A driveline that gives the file's greatest acceleration up to its greatest speed, and its brake maximum."""
    radius_m = _RADIUS_M[category]
    force_nm = model.mass_kg * radius_m  # per m/s²
    torque_nm = model.drive_max_mps2 * force_nm / _FINAL_RATIO
    max_rpm = model.speed_limit_mps / radius_m * _FINAL_RATIO * 60.0 / (2.0 * pi)
    return Driveline(
        torque_curve=((0.0, torque_nm), (max_rpm, torque_nm)),
        max_rpm=max_rpm,
        final_ratio=_FINAL_RATIO,
        gears=(Gear(ratio=_STAGES, down_ratio=0.5, up_ratio=0.65),),
        gear_switch_time_s=0.0,
        steering_curve=((0.0, 1.0), (200.0, 1.0)),
        steer_max_deg=degrees(model.steer_max_rad),
        brake_torque_nm=model.brake_max_mps2 * force_nm / 4.0,
        handbrake_torque_nm=_PARKING_MPS2 * force_nm / 2.0,
        drag_coefficient=_DRAG[category],
        tyre_friction=NOMINAL_TYRE_FRICTION * model.tyre_friction_ratio,
        wheel_radius_m=radius_m,
        driven="front" if category == "M1" else "rear",
    )


def _of_file(name: str) -> Blueprint:
    vehicle = vehicle_file(name)
    body = body_of_file(vehicle, 1.0)
    base = CATEGORIES[vehicle.category][1]
    attributes = (
        *roles("autopilot", "scenario", "ego_vehicle"),
        free("color", "color", *_PAINTS),
        free("load_ratio", "float", "1.0", "0.0", "0.5", limits=(0.0, 1.0)),
        *outline(*body.box_m, body.clearance_m),
        *features(base, 4),
    )
    return _blueprint(VEHICLE_PREFIX + name, Family.VEHICLE, body, attributes)


def _hulled(kind: ActorKind) -> tuple[Hull, Body]:
    hull = USUAL_HULLS[kind]
    length_m, width_m, height_m = hull.size_m
    body = Body(
        kind=kind, length_m=length_m, width_m=width_m, height_m=hull.clearance_m + height_m, mass_kg=hull.mass_kg,
        clearance_m=hull.clearance_m, centre_m=(0.0, hull.clearance_m + 0.5 * height_m),
    )  # fmt: skip
    return hull, body


def _ridden(kind: ActorKind) -> Blueprint:
    base, line, wheelbase_m = RIDDEN[kind]
    hull, body = _hulled(kind)
    body = replace(
        body, axles_m=(0.5 * wheelbase_m, -0.5 * wheelbase_m), wheels=2,
        driveline=driveline(tables.drivelines()[line], body.mass_kg, 2),
    )  # fmt: skip
    attributes = (
        *roles("autopilot", "scenario", "ego_vehicle"),
        free("color", "color", *_PAINTS),
        *outline(*hull.size_m, hull.clearance_m),
        *features(base, 2),
    )
    return _blueprint(VEHICLE_PREFIX + kind.name.lower(), Family.VEHICLE, body, attributes)


def _walker(kind: ActorKind, age: tables.Age) -> Blueprint:
    hull, body = _hulled(kind)
    row = tables.walkers().ages[age]
    attributes = (
        *roles("pedestrian"),
        free("speed", "float", "0.0", text_of(row.walks), text_of(row.runs), limits=(0.0, 20.0)),
        free("is_invincible", "bool", "true", "false"),
        *outline(*hull.size_m, hull.clearance_m),
    )
    return _blueprint(WALKER_PREFIX + age, Family.WALKER, body, attributes)


def _prop(kind: ActorKind) -> Blueprint:
    hull, body = _hulled(kind)
    attributes = (*roles("prop"), *outline(*hull.size_m, hull.clearance_m))
    return _blueprint(PROP_PREFIX + kind.name.lower(), Family.PROP, body, attributes)


def _blueprint(blueprint_id: str, family: Family, body: Body, attributes: tuple[Attribute, ...]) -> Blueprint:
    return Blueprint(
        uid=uid_of(blueprint_id), id=blueprint_id, family=family, attributes=attributes, body=body,
        semantic=int(SEMANTICS[body.kind]),
    )  # fmt: skip

"""Blueprints of CARLA's vehicles: a row of the table, its class of driveline, and what follows from both. SI units."""

from typing import Final

from sim.blueprints import tables
from sim.blueprints.attributes import fixed, free, roles, uid_of
from sim.blueprints.blueprint import Attribute, Blueprint, Body, Driveline, Family, Gear
from sim.blueprints.tables import DrivelineRow, VehicleRow
from sim.scenery.materials import Semantic
from sim.truth import ActorKind

KINDS: Final = {
    "car": ActorKind.CAR, "van": ActorKind.VAN, "truck": ActorKind.TRUCK, "bus": ActorKind.BUS,
    "motorcycle": ActorKind.MOTORCYCLE, "bicycle": ActorKind.CYCLIST,
}  # fmt: skip
LABELS: Final = {
    "car": Semantic.CAR, "van": Semantic.CAR, "truck": Semantic.TRUCK, "bus": Semantic.BUS,
    "motorcycle": Semantic.MOTORCYCLE, "bicycle": Semantic.BICYCLE,
}  # fmt: skip
# Share of the overhangs that is in front of the front axle, the lower edge (m), and the height of the centre of mass
# as a share of the whole height. Own: cars are even and low, vans and trucks sit over their front axle.
_SHAPES: Final = {
    "car": (0.47, 0.15, 0.37), "van": (0.42, 0.18, 0.36), "truck": (0.37, 0.30, 0.36), "bus": (0.37, 0.25, 0.40),
    "motorcycle": (0.50, 0.0, 0.40), "bicycle": (0.50, 0.0, 0.55),
}  # fmt: skip
TRACK_RATIO: Final = 0.85  # of the width, between the middles of left and right tyres: own, usual
GEAR_DOWN_RATIO: Final = 0.5  # of the highest engine speed: defaults of GearPhysicsControl in CARLA's documentation
GEAR_UP_RATIO: Final = 0.65
STEERING_CURVE: Final = ((0.0, 1.0), (20.0, 0.9), (60.0, 0.8), (120.0, 0.7))  # own; see the drivelines' head
_RIDERS: Final = tuple(str(number) for number in range(1, 8))


def sat_on(base: str) -> bool:
    """Whether it has two wheels and a rider."""
    return base in ("motorcycle", "bicycle")


def driveline(row: DrivelineRow, mass_kg: float, wheels: int) -> Driveline:
    """The class's driveline with the brake torques that stop this mass."""
    force_nm = mass_kg * row.wheel_radius_m  # per m/s²
    return Driveline(
        torque_curve=row.torque_nm,
        max_rpm=row.max_rpm,
        final_ratio=row.final_ratio,
        gears=tuple(Gear(ratio=one, down_ratio=GEAR_DOWN_RATIO, up_ratio=GEAR_UP_RATIO) for one in row.ratios),
        gear_switch_time_s=row.gear_switch_time_s,
        steering_curve=STEERING_CURVE,
        steer_max_deg=row.steer_max_deg,
        brake_torque_nm=row.brake * force_nm / wheels,
        handbrake_torque_nm=row.handbrake * force_nm / (wheels // 2),
        drag_coefficient=row.drag_coefficient,
        tyre_friction=row.tyre,
        wheel_radius_m=row.wheel_radius_m,
        driven=row.driven,
    )


def body(row: VehicleRow) -> Body:
    """The vehicle's body: axles by the usual overhangs of its class, the centre of mass between them."""
    length_m, width_m, height_m = row.size
    front_share, clearance_m, centre_share = _SHAPES[row.base]
    wheels = 2 if sat_on(row.base) else 4
    front_m = 0.5 * length_m - front_share * (length_m - row.wheelbase)
    rear_m = front_m - row.wheelbase
    return Body(
        kind=KINDS[row.base],
        length_m=length_m,
        width_m=width_m,
        height_m=height_m,
        mass_kg=row.mass,
        axles_m=(front_m, rear_m),
        track_m=0.0 if wheels == 2 else TRACK_RATIO * width_m,
        wheels=wheels,
        driveline=driveline(tables.drivelines()[row.driveline], row.mass, wheels),
        clearance_m=clearance_m,
        centre_m=(0.5 * (front_m + rear_m), centre_share * height_m),
    )


def features(
    base: str, wheels: int, *, special: str = "", generation: int = 2, lights: bool = True, doors: bool = False
) -> tuple[Attribute, ...]:
    """What clients can read of any vehicle, and how it takes its controls."""
    return (
        free("sticky_control", "bool", "true", "false"),
        free("terramechanics", "bool", "false", "true"),
        fixed("object_type", "string", ""),
        fixed("base_type", "string", base),
        fixed("special_type", "string", special),
        fixed("number_of_wheels", "int", wheels),
        fixed("generation", "int", generation),
        fixed("has_dynamic_doors", "bool", doors),
        fixed("has_lights", "bool", lights),
    )


def _attributes(row: VehicleRow, palettes: dict[str, tuple[str, ...]], wheels: int) -> tuple[Attribute, ...]:
    found = list(roles("autopilot", "scenario", "ego_vehicle"))
    if row.colours:
        found.append(free("color", "color", *palettes[row.colours]))
    if sat_on(row.base):
        found.append(free("driver_id", "int", *_RIDERS, only=True))
    common = features(
        row.base, wheels, special=row.special, generation=row.generation, lights=row.lights, doors=row.doors
    )
    return (*found, *common)


def carla_vehicles() -> tuple[Blueprint, ...]:
    """One blueprint for each of CARLA's vehicles."""
    table = tables.vehicles()
    made = []
    for name, row in table.vehicles.items():
        blueprint_id = f"vehicle.{name}"
        thing = body(row)
        made.append(
            Blueprint(
                uid=uid_of(blueprint_id), id=blueprint_id, family=Family.VEHICLE, body=thing,
                attributes=_attributes(row, table.colours, thing.wheels), semantic=int(LABELS[row.base]),
            )
        )  # fmt: skip
    return tuple(made)

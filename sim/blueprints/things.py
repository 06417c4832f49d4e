"""Blueprints of CARLA's walkers, props, sensors and triggers, and of what belongs to a map. SI units."""

from typing import Final

from sim.blueprints import tables
from sim.blueprints.attributes import fixed, free, from_row, roles, text_of, uid_of
from sim.blueprints.blueprint import Attribute, Blueprint, Body, Family
from sim.scenery.materials import Semantic
from sim.truth import ActorKind

_SIZES: Final = ((0.35, "tiny"), (0.7, "small"), (1.5, "medium"))  # own: by the longest side, m; else big
_LIMITS_KMH: Final = tuple(range(5, 145, 5))  # speed limit signs by their number


def _made(
    blueprint_id: str, family: Family, attributes: tuple[Attribute, ...], body: Body | None = None, semantic: int = 0
) -> Blueprint:
    return Blueprint(
        uid=uid_of(blueprint_id), id=blueprint_id, family=family, attributes=attributes, body=body, semantic=semantic
    )


def walkers() -> tuple[Blueprint, ...]:
    """CARLA's walkers, and the controller that makes them go by themselves."""
    table = tables.walkers()
    made = []
    for number, age, gender, generation in table.walkers:
        row = table.ages[age]
        body = Body(
            kind=ActorKind.CHILD if age == "child" else ActorKind.ADULT,
            length_m=row.depth,
            width_m=row.width,
            height_m=row.height[gender],
            mass_kg=row.mass[gender],
            centre_m=(0.0, 0.5 * row.height[gender]),
        )
        attributes = [
            *roles("pedestrian"),
            free("speed", "float", "0.0", text_of(row.walks), text_of(row.runs), limits=(0.0, 20.0)),
            free("is_invincible", "bool", "true", "false"),
            fixed("gender", "string", gender),
            fixed("age", "string", age),
            fixed("generation", "int", generation),
        ]
        if number not in table.no_wheelchair:
            attributes += [
                fixed("can_use_wheelchair", "bool", True),
                free("use_wheelchair", "bool", "false", "true", only=True),
            ]
        blueprint_id = f"walker.pedestrian.{number:04d}"
        made.append(_made(blueprint_id, Family.WALKER, tuple(attributes), body, int(Semantic.PEDESTRIAN)))
    return (*made, _made("controller.ai.walker", Family.CONTROLLER, roles("")))


def props() -> tuple[Blueprint, ...]:
    """CARLA's props, and the trigger that changes the road's friction."""
    made = []
    for name, (drawn, length_m, width_m, height_m, mass_kg, label) in tables.props().items():
        body = Body(
            kind=ActorKind[drawn.upper()],
            length_m=length_m,
            width_m=width_m,
            height_m=height_m,
            mass_kg=mass_kg,
            centre_m=(0.0, 0.5 * height_m),
        )
        longest_m = max(length_m, width_m, height_m)
        size = next((word for bound_m, word in _SIZES if longest_m <= bound_m), "big")
        attributes = (*roles("prop"), fixed("size", "string", size))
        made.append(_made(f"static.prop.{name}", Family.PROP, attributes, body, int(Semantic[label.upper()])))
    friction = (
        *roles("friction"),
        free("friction", "float", "3.5", limits=(0.0, 100.0)),
        *(free(f"extent_{axis}", "float", "1.0", limits=(0.0, 1.0e7)) for axis in "xyz"),
    )
    return (*made, _made("static.trigger.friction", Family.TRIGGER, friction))


def sensors() -> tuple[Blueprint, ...]:
    """CARLA's sensors."""
    table = tables.sensors()
    return tuple(
        _made(
            blueprint_id,
            Family.SENSOR,
            tuple(from_row(name, row) for group in groups for name, row in table.groups[group].items()),
        )
        for blueprint_id, groups in table.sensors.items()
    )


def of_the_map() -> tuple[Blueprint, ...]:
    """Traffic lights, signs and the spectator: actors that nobody spawns."""
    signs = ("traffic.stop", "traffic.yield", "traffic.unknown", *(f"traffic.speed_limit.{kmh}" for kmh in _LIMITS_KMH))
    return (
        _made("traffic.traffic_light", Family.TRAFFIC_LIGHT, (), semantic=int(Semantic.TRAFFIC_LIGHT)),
        *(_made(sign, Family.TRAFFIC_SIGN, (), semantic=int(Semantic.TRAFFIC_SIGN)) for sign in signs),
        _made("spectator", Family.SPECTATOR, ()),
    )

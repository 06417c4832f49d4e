"""What actors look like: a body for every kind, made to the actor's own size.

Meshes are procedural and low in triangles: a lofted hull for cars, vans and buses, a cab-over with a
load for lorries, rounded limbs for people. Variant and colour follow from the entity's hash, so an actor
looks the same in every run. This folder imports the scenery's meshes, shapes and materials, chance and
the kinds of `sim.truth`; it knows no sensor, poses nothing and draws nothing.
"""

from functools import lru_cache
from math import isfinite

from sim.scenery.bodies import coaches, lorries, motorcars, obstacles, paints, people, riders, roadside
from sim.scenery.bodies.fitting import boxed, fitted
from sim.scenery.materials import Semantic
from sim.scenery.mesh import Body, Mesh
from sim.truth import ActorKind
from stack.vocabulary import Finding, InputError

__all__ = ["body_for"]

SEMANTICS: dict[ActorKind, Semantic] = {
    ActorKind.CAR: Semantic.CAR,
    ActorKind.VAN: Semantic.CAR,
    ActorKind.TRUCK: Semantic.TRUCK,
    ActorKind.CYCLIST: Semantic.BICYCLE,
    ActorKind.ADULT: Semantic.PEDESTRIAN,
    ActorKind.CHILD: Semantic.PEDESTRIAN,
    ActorKind.SOFT_TARGET: Semantic.CAR,
    ActorKind.STEEL_PLATE: Semantic.STATIC,
    ActorKind.GANTRY: Semantic.POLE,
    ActorKind.GUARD_RAIL: Semantic.GUARD_RAIL,
    ActorKind.BUILDING: Semantic.BUILDING,
    ActorKind.BUS: Semantic.BUS,
    ActorKind.MOTORCYCLE: Semantic.MOTORCYCLE,
    ActorKind.CONE: Semantic.STATIC,
    ActorKind.DEBRIS: Semantic.DYNAMIC,
}

_COLOURS: dict[ActorKind, paints.Shares] = {
    ActorKind.CAR: paints.CAR_PAINTS,
    ActorKind.VAN: paints.VAN_PAINTS,
    ActorKind.TRUCK: paints.LORRY_PAINTS,
    ActorKind.BUS: paints.BUS_PAINTS,
    ActorKind.CYCLIST: paints.CLOTHES,
    ActorKind.MOTORCYCLE: paints.TUBES,
    ActorKind.ADULT: paints.CLOTHES,
    ActorKind.CHILD: paints.CLOTHES,
    ActorKind.SOFT_TARGET: ((1.0, obstacles.FOAM_COLOUR),),
}
_UNTINTED = (0.5, 0.5, 0.5)


@lru_cache(maxsize=512)
def body_for(kind: ActorKind, entity: int, size_m: tuple[float, float, float], clearance_m: float = 0.0) -> Body:
    """The body of an actor, in its own frame: origin on the ground below the centre of its outline.

    `size_m` is length, width and height of the actor's box and `clearance_m` its lower edge, as in the
    roster. Bodies stand on the ground: wheels and posts fill the clearance, so a body reaches from 0 to
    clearance plus height. Length and width are the box's, but a person is as deep as people are, at most
    as long as the box. A truck longer than 13 m is a tractor with its trailer.
    """
    _check(kind, size_m, clearance_m)
    length_m, width_m, height_m = size_m
    whole = (length_m, width_m, clearance_m + height_m)
    variant = paints.pick(int(entity), paints.VARIANT, paints.VARIANTS)
    mesh = _made(kind, variant, whole, float(clearance_m))
    tint = paints.colour(int(entity), _COLOURS[kind]) if kind in _COLOURS else _UNTINTED
    return Body(mesh=mesh, colour=tint, semantic=int(SEMANTICS[kind]))


def _check(kind: ActorKind, size_m: tuple[float, float, float], clearance_m: float) -> None:
    """Refuse a size nothing can be made to."""
    named = zip(("length", "width", "height"), size_m, strict=True)
    wrong = [f"{name} {value:g} m" for name, value in named if not (isfinite(value) and value > 0.0)]
    if not (isfinite(clearance_m) and clearance_m >= 0.0):
        wrong.append(f"clearance {clearance_m:g} m")
    if wrong:
        problem = f"no body can have {', '.join(wrong)}: give a size above 0 and a clearance of 0 or more"
        raise InputError((Finding(where=kind.name.lower(), field="size_m", problem=problem),))


@lru_cache(maxsize=256)
def _made(kind: ActorKind, variant: int, size_m: tuple[float, float, float], clearance_m: float) -> Mesh:
    """The mesh of a kind, fitted to its outline; those alike but for their colour share one."""
    if kind in (ActorKind.ADULT, ActorKind.CHILD):
        figure = people.ADULT if kind is ActorKind.ADULT else people.CHILD
        return _upright(people.person(figure, size_m[2], variant), size_m)
    if kind is ActorKind.GANTRY:
        return _hung(size_m, clearance_m)
    return boxed(_built(kind, variant, size_m), size_m)


def _built(kind: ActorKind, variant: int, size_m: tuple[float, float, float]) -> Mesh:
    if kind is ActorKind.CAR:
        return motorcars.motorcar(motorcars.car_shape(variant, size_m), size_m)
    if kind is ActorKind.VAN:
        return motorcars.motorcar(motorcars.PANEL_VAN, size_m)
    if kind is ActorKind.TRUCK:
        return lorries.lorry(size_m, curtain=variant % 2 == 1, tall_cab=variant % 4 >= 2)
    if kind is ActorKind.DEBRIS:
        return obstacles.debris(size_m, variant)
    if kind is ActorKind.BUILDING:
        return roadside.building(size_m, variant)
    return {
        ActorKind.BUS: coaches.bus,
        ActorKind.CYCLIST: riders.bicycle,
        ActorKind.MOTORCYCLE: riders.motorcycle,
        ActorKind.SOFT_TARGET: obstacles.soft_target,
        ActorKind.STEEL_PLATE: obstacles.steel_plate,
        ActorKind.CONE: obstacles.cone,
        ActorKind.GUARD_RAIL: roadside.guard_rail,
    }[kind](size_m)


def _upright(mesh: Mesh, size_m: tuple[float, float, float]) -> Mesh:
    """A person of the box's width and height, at most as deep as the box is long, standing on the ground."""
    length_m, width_m, height_m = size_m
    rear_m, front_m = float(mesh.vertices[:, 0].min()), float(mesh.vertices[:, 0].max())
    half_m = min(0.5 * (front_m - rear_m), 0.5 * length_m)
    return fitted(mesh, (-half_m, -0.5 * width_m, 0.0), (half_m, 0.5 * width_m, height_m))


def _hung(size_m: tuple[float, float, float], clearance_m: float) -> Mesh:
    """A gantry: its beam fills the box above the clearance; posts, if it has any, reach the ground."""
    length_m, width_m, top_m = size_m
    mesh = roadside.gantry((length_m, width_m, top_m - clearance_m), clearance_m)
    low_m = 0.0 if float(mesh.vertices[:, 2].min()) < 0.5 * clearance_m else clearance_m
    return fitted(mesh, (-0.5 * length_m, -0.5 * width_m, low_m), (0.5 * length_m, 0.5 * width_m, top_m))

"""The library: every blueprint by its id. CARLA's rows come from the data files, Faultline's from its vehicle files."""

from difflib import get_close_matches
from functools import lru_cache

from sim.blueprints import own, things, vehicles
from sim.blueprints.blueprint import Blueprint, Family

MAP_FAMILIES = frozenset({Family.TRAFFIC_LIGHT, Family.TRAFFIC_SIGN, Family.SPECTATOR})  # never spawned, not listed


class UnknownBlueprint(KeyError):
    """There is no blueprint of this id."""

    def __str__(self) -> str:
        """The text as it was written, without quotes."""
        return str(self.args[0])


@lru_cache(maxsize=1)
def library() -> tuple[Blueprint, ...]:
    """All blueprints, in order of their ids; those of the map too."""
    every = (
        *vehicles.carla_vehicles(), *own.own_blueprints(), *things.walkers(), *things.props(), *things.sensors(),
        *things.of_the_map(),
    )  # fmt: skip
    return tuple(sorted(every, key=lambda one: one.id))


@lru_cache(maxsize=1)
def _by_id() -> dict[str, Blueprint]:
    return {one.id: one for one in library()}


def blueprint(blueprint_id: str) -> Blueprint:
    """The blueprint of this id. Raises UnknownBlueprint, naming the nearest there is."""
    found = _by_id().get(blueprint_id)
    if found is None:
        near = get_close_matches(blueprint_id, _by_id(), n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise UnknownBlueprint(f"there is no blueprint {blueprint_id!r}{hint}")
    return found

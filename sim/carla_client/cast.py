"""Who plays in a CARLA world: every actor of the layout with its blueprint, and CARLA's background as more rows."""

from dataclasses import dataclass, replace
from math import cos, pi, sin

import numpy as np
from numpy.typing import NDArray

from sim.carla_client.account import Account
from sim.carla_client.background import Background
from sim.carla_client.roles import Role, misfit_m, role_of
from sim.carla_client.staging import Ground, Origin, ground_of, origin_of, placement
from sim.carla_client.wire import PLACEMENT_COLUMNS, S_X, S_Y, S_YAW, ServerFacts, Spawned, SpawnOrder, Wire
from sim.layout import ActorPlan, Behaviour, Layout
from sim.road import straight_route
from sim.truth import EGO, ActorKind, X, Y
from sim.twin.hulls import USUAL_HULLS
from stack.vocabulary import MissingPart

# CARLA's attribute base_type of its vehicles.
BASE_TYPES = {
    "car": ActorKind.CAR, "van": ActorKind.VAN, "truck": ActorKind.TRUCK, "bus": ActorKind.BUS,
    "motorcycle": ActorKind.MOTORCYCLE, "bicycle": ActorKind.CYCLIST,
}  # fmt: skip
CLEAR_OF_EGO_M = (0.0, 40.0, 80.0, 120.0)  # along the ego's route: background starts away from these places


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cast:
    """Rows of the truth and who plays them. `rows` are commanded actors; `others` move by themselves."""

    ego: Spawned
    ego_role: Role
    ego_origin: Origin
    ego_ground: Ground
    rows: tuple[int, ...]
    ids: tuple[int, ...]
    origins: tuple[Origin, ...]
    grounds: tuple[Ground, ...]
    others: tuple[Spawned, ...]
    other_origins: tuple[Origin, ...]

    @property
    def watched(self) -> tuple[int, ...]:
        """Actor ids in the order in which ticks report them: ego, commanded, others."""
        return (self.ego.actor_id, *self.ids, *(one.actor_id for one in self.others))

    def placements(self, state: NDArray[np.float64]) -> NDArray[np.float64]:
        """Where the commanded actors are to be, (commanded, PLACEMENT_COLUMNS)."""
        placed = np.zeros((len(self.rows), PLACEMENT_COLUMNS))
        for index, row in enumerate(self.rows):
            placed[index] = placement(state[row], self.origins[index], self.grounds[index])
        return placed


def ego_role(layout: Layout, facts: ServerFacts) -> Role:
    """The blueprint that drives the ego."""
    role = role_of(layout.actors[EGO], facts)
    if role is None:
        raise MissingPart(f"no blueprint can drive the ego ({layout.actors[EGO].kind.name.lower()})")
    return role


def cast_for(
    layout: Layout,
    state: NDArray[np.float64],
    wire: Wire,
    facts: ServerFacts,
    background: Background,
    account: Account,
) -> Cast:
    """Spawn everyone where `state` has them; raises MissingPart or MachineryError for whom the server refuses."""
    ego_plan = layout.actors[EGO]
    grounds = [ground_of(plan, ego_plan.route, *state[row, [X, Y]].tolist()) for row, plan in enumerate(layout.actors)]
    roles = [ego_role(layout, facts), *(role_of(plan, facts) for plan in layout.actors[1:])]
    shown = [row for row, role in enumerate(roles) if role is not None]
    orders = [_order(layout.actors[row], roles[row], state[row], grounds[row], row == EGO) for row in shown]
    spawned = wire.spawn(tuple(orders))
    for row, one in zip(shown, spawned, strict=True):
        plan = layout.actors[row]
        account.played_by[plan.name] = one.blueprint
        misfit = misfit_m(plan, one.size_m)
        if misfit > 0.01:
            account.misfit_m[plan.name] = misfit
    account.unshown = [plan.name for plan, role in zip(layout.actors, roles, strict=True) if role is None]
    others = wire.traffic(background, _clear_of(ego_plan)) if background.count else ()
    return Cast(
        ego=spawned[0],
        ego_role=ego_role(layout, facts),
        ego_origin=_front_aligned(spawned[0], ego_plan),
        ego_ground=grounds[EGO],
        rows=tuple(shown[1:]),
        ids=tuple(one.actor_id for one in spawned[1:]),
        origins=tuple(origin_of(one) for one in spawned[1:]),
        grounds=tuple(grounds[row] for row in shown[1:]),
        others=others,
        other_origins=tuple(origin_of(one) for one in others),
    )


def _front_aligned(ego: Spawned, plan: ActorPlan) -> Origin:
    """The ego's outline with its front edge on the blueprint's: whatever differs in length is behind."""
    origin = origin_of(ego)
    return replace(origin, ahead_m=origin.ahead_m + 0.5 * (ego.size_m[0] - plan.size_m[0]))


def _order(plan: ActorPlan, role: Role | None, row: NDArray[np.float64], ground: Ground, physics: bool) -> SpawnOrder:
    """An actor at its start; its exact place follows once its box is known."""
    assert role is not None
    placed = placement(row, Origin(ahead_m=0.0, left_m=0.0, lift_m=0.0), ground)
    x_m, y_m, z_m, yaw_rad, pitch_rad = placed[:5].tolist()
    return SpawnOrder(
        name="hero" if physics else plan.name, blueprint=role.blueprint, x_m=x_m, y_m=y_m, z_m=z_m,
        yaw_rad=yaw_rad, pitch_rad=pitch_rad, physics=physics, attributes=role.attributes,
    )  # fmt: skip


def _clear_of(ego: ActorPlan) -> tuple[tuple[float, float], ...]:
    """Places on the ego's way at which no background vehicle may start."""
    points = ego.route.points
    stations = [ego.s_m + ahead_m for ahead_m in CLEAR_OF_EGO_M]
    return tuple(
        (float(np.interp(s_m, points[:, 0], points[:, 1])), float(np.interp(s_m, points[:, 0], points[:, 2])))
        for s_m in stations
    )


def with_others(layout: Layout, cast: Cast, facts: ServerFacts, seen: NDArray[np.float64]) -> Layout:
    """The layout with CARLA's background as further actors; `seen` are their sightings, a row each."""
    plans = []
    numbers: dict[str, int] = {}
    for one, sighting in zip(cast.others, seen, strict=True):
        population = "walker" if one.blueprint.startswith("walker.") else "traffic"
        numbers[population] = numbers.get(population, -1) + 1
        plans.append(_other_plan(f"{population}_{numbers[population]}", one, facts, sighting))
    return replace(layout, actors=(*layout.actors, *plans))


def _other_plan(name: str, one: Spawned, facts: ServerFacts, seen: NDArray[np.float64]) -> ActorPlan:
    """A background actor as the truth shows it: its box, on a short path through where it starts."""
    attributes = next((blueprint for blueprint in facts.blueprints if blueprint.id == one.blueprint), None)
    base = attributes.attribute("base_type").lower() if attributes is not None else ""
    kind = ActorKind.ADULT if name.startswith("walker") else BASE_TYPES.get(base, ActorKind.CAR)
    size_m = one.size_m if min(one.size_m) > 0.1 else USUAL_HULLS[kind].size_m
    yaw_rad = (float(seen[S_YAW]) + pi) % (2.0 * pi) - pi
    x_m, y_m = float(seen[S_X]), float(seen[S_Y])
    route = straight_route(x_m - 50.0 * cos(yaw_rad), y_m - 50.0 * sin(yaw_rad), yaw_rad, 100.0)
    return ActorPlan(
        name=name, kind=kind, size_m=size_m, mass_kg=USUAL_HULLS[kind].mass_kg, route=route, s_m=50.0,
        behaviour=Behaviour.STATIC,
    )  # fmt: skip

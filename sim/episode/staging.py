"""The episode as the replayer's stagehand: it spawns, holds, places and destroys what a recording says."""

from sim import left_handed
from sim.blueprints.blueprint import Family
from sim.blueprints.library import UnknownBlueprint
from sim.blueprints.library import blueprint as find_blueprint
from sim.episode.actors import Actor, pose_of
from sim.episode.casting import destroy, put, spawn
from sim.episode.simulation import Episode
from sim.episode.structs import (
    ActorDescription,
    AttributeValue,
    Refused,
    Transform,
    Vector3D,
    VehicleControl,
    WalkerControl,
)


class EpisodeStage:
    """A `Stagehand` over one episode."""

    def __init__(self, episode: Episode) -> None:
        self._episode = episode

    def _body(self, actor_id: int) -> Actor:
        return self._episode.registry.find(actor_id)

    def kind_of(self, actor_id: int) -> str | None:
        """The blueprint's id of a living actor; None if there is none."""
        actor = self._episode.registry.living.get(actor_id)
        return actor.blueprint.id if actor is not None else None

    def spawn(self, blueprint_id: str, attributes: dict[str, str], transform: Transform, parent_id: int) -> int:
        """A new actor's id, whatever stands in its way."""
        try:
            blueprint = find_blueprint(blueprint_id)
        except UnknownBlueprint as error:
            raise Refused(str(error)) from error
        kinds = {one.name: int(one.kind) for one in blueprint.attributes}
        values = tuple(AttributeValue(name, kinds[name], text) for name, text in attributes.items() if name in kinds)
        description = ActorDescription(blueprint.uid, blueprint.id, values)
        return spawn(self._episode, description, transform, parent_id, anyway=True).id

    def hold(self, actor_id: int, held: bool) -> None:
        """Held: moved only by `place`."""
        actor = self._body(actor_id)
        if actor.row >= 0:
            self._episode.motion.simulate(actor.row, not held)

    def place(self, actor_id: int, transform: Transform, velocity: Vector3D) -> None:
        """Put it there, moving so."""
        actor = self._body(actor_id)
        put(self._episode, actor, transform)
        if actor.row >= 0:
            self._episode.motion.set_velocity(actor.row, left_handed.mirrored(*velocity))

    def drive(self, actor_id: int, control: VehicleControl) -> None:
        """Show a vehicle's pedals and steering."""
        self._episode.motion.set_control(self._body(actor_id).row, control)

    def walk(self, actor_id: int, control: WalkerControl) -> None:
        """Show a walker's control."""
        direction = left_handed.mirrored(*control.direction)
        self._episode.motion.set_walker(self._body(actor_id).row, direction, control.speed, control.jump)

    def set_lamps(self, actor_id: int, flags: int) -> None:
        """A vehicle's light flags."""
        self._body(actor_id).lights = flags

    def hold_lights(self, held: bool) -> None:
        """Held: traffic lights change only by `set_light`."""
        self._episode.cycle.freeze(held)

    def set_light(self, sign_id: str, state: int) -> None:
        """The state of a traffic light of the map, by its OpenDRIVE id."""
        for number, lamp in enumerate(self._episode.town.lamps):
            if lamp.sign_id == sign_id:
                self._episode.cycle.set_state(number, state)

    def destroy(self, actor_id: int) -> None:
        """Take it out."""
        destroy(self._episode, actor_id)

    def set_spectator(self, transform: Transform) -> None:
        """Put the spectator there."""
        for actor in self._episode.registry.order:
            if actor.family is Family.SPECTATOR:
                actor.pose = pose_of(transform)

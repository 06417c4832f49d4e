"""Everybody an episode's sensors can see, with a body each: its actors, then the traffic lights of the town.

Bodies are the scenery's, made to the blueprint's size; those of one blueprint look alike but for their
colour, as in CARLA, so a hundred vehicles share a few meshes. World axes, metres. A lamp's signal shows
by its material alone, so a change of lights builds nothing anew.
"""

from dataclasses import replace
from functools import lru_cache
from typing import Any, Final

import numpy as np

from sim.blueprints.blueprint import Blueprint
from sim.carla_sensors.placing import matrices
from sim.episode.scene import Scene, Thing
from sim.randomness import entity_id
from sim.rays.caster import Caster
from sim.scenery.bodies import body_for
from sim.scenery.materials import Lamp, Semantic
from sim.scenery.mesh import Body, ints
from sim.scenery.scene import BLINK_NS, Ensemble, Moment, stride_m, swings_of
from sim.truth import ActorKind
from stack.vocabulary import MachineryError

OFF: Final = 3  # state of a traffic light of which nothing is lit
# CARLA's vehicle light flags and the lamps they light. Position, low and high beam and fog light what bodies have.
_LIT: Final = (
    (1, 1 << Lamp.TAIL),
    (2 | 4, (1 << Lamp.HEAD) | (1 << Lamp.TAIL)),
    (8, 1 << Lamp.BRAKE),
    (128, (1 << Lamp.HEAD) | (1 << Lamp.TAIL)),
)
_RIGHT_BLINKER, _LEFT_BLINKER = 16, 32


class Company:
    """The bodies of one set of things in one town, kept until somebody is spawned or destroyed."""

    def __init__(self, town: Any, things: tuple[Thing, ...]) -> None:
        self.town, self.things = town, things
        self.lamps = tuple(getattr(town, "lamps", ()))
        bodies = [body_of(thing) for thing in things]
        bodies += [_lamp_body(lamp.meshes[OFF]) for lamp in self.lamps]
        self.ensemble = Ensemble(still=town.still, bodies=tuple(bodies))
        self.ids = np.array([*(thing.actor_id for thing in things), *(0 for _ in self.lamps)], dtype=np.uint32)
        self._lamp_poses = np.array([(*lamp.pose[:4], 0.0, 0.0) for lamp in self.lamps]).reshape(-1, 6)
        kinds = [thing.blueprint.body.kind if thing.blueprint.body else ActorKind.DEBRIS for thing in things]
        self._strides = np.array([stride_m(kind) for kind in kinds])
        self._pedals = np.array([kind is ActorKind.CYCLIST for kind in kinds])
        self._materials: tuple[bytes, Any] = (b"", None)
        self._caster: Caster | None = None

    @property
    def caster(self) -> Caster:
        """Casts rays at whole bodies; limbs stand as in the mesh."""
        if self._caster is None:
            self._caster = Caster(self.ensemble)
        return self._caster

    def poses(self, scene: Scene) -> Any:
        """(n, 3, 4) world from body of every row."""
        return matrices(np.concatenate((scene.poses, self._lamp_poses)))

    def motions(self, scene: Scene) -> Any:
        """(n, 6) velocity and angular velocity of every row, world axes."""
        return np.concatenate((scene.motions, np.zeros((len(self.lamps), 6))))

    def moment(self, scene: Scene) -> Moment:
        """Everybody where this scene has them, limbs swung and lamps lit."""
        rows = len(self.things)
        poses, motions = self.poses(scene), self.motions(scene)
        speeds = np.hypot(motions[:rows, 0], motions[:rows, 1])
        swings = np.zeros((len(poses), 7))
        swings[:rows] = swings_of(self._strides, self._pedals, scene.ways_m, speeds)
        lit = np.zeros(len(poses), dtype=np.int32)
        lit[:rows] = lit_lamps(scene.lights, scene.elapsed_ns)
        moment = self.ensemble.posed(poses, motions, swings, lit)
        return moment._replace(materials=self._lit_signals(scene, moment)) if self.lamps else moment

    def _lit_signals(self, scene: Scene, moment: Moment) -> Any:
        """Everybody's materials, with each traffic light's in its present state."""
        key = scene.signals.tobytes()
        if self._materials[0] != key or self._materials[1] is None:
            materials = moment.materials.copy()
            for number, lamp in enumerate(self.lamps):
                row = len(self.things) + number
                shown = lamp.meshes.get(int(scene.signals[number]), lamp.meshes[OFF]).materials
                if len(shown) != moment.first[row + 1] - moment.first[row]:
                    raise MachineryError(f"traffic light {number}: its states must differ by their materials alone")
                materials[moment.first[row] : moment.first[row + 1]] = shown
            self._materials = (key, ints(materials))
        return self._materials[1]


def lit_lamps(lights: Any, elapsed_ns: int) -> Any:
    """(n,) bit masks of lit lamps, of CARLA's light flags; blinkers flash with the episode's time."""
    lit = np.zeros(len(lights), dtype=np.int32)
    for flags, lamps in _LIT:
        lit[(lights & flags) != 0] |= lamps
    if elapsed_ns % BLINK_NS < BLINK_NS // 2:
        lit[(lights & _RIGHT_BLINKER) != 0] |= 1 << Lamp.RIGHT_INDICATOR
        lit[(lights & _LEFT_BLINKER) != 0] |= 1 << Lamp.LEFT_INDICATOR
    return lit


def body_of(thing: Thing) -> Body:
    """What an actor looks like."""
    return _body(thing.blueprint.id, *_shape(thing.blueprint), thing.blueprint.semantic, thing.colour)


def _shape(blueprint: Blueprint) -> tuple[ActorKind, tuple[float, float, float], float]:
    body = blueprint.body
    if body is None:
        raise MachineryError(f"{blueprint.id} has no body, so it cannot be seen")
    return body.kind, body.box_m, body.clearance_m


@lru_cache(maxsize=1024)
def _body(
    name: str, kind: ActorKind, size_m: tuple[float, float, float], clearance_m: float, semantic: int,
    colour: tuple[int, int, int] | None,
) -> Body:  # fmt: skip
    body = body_for(kind, entity_id(name), size_m, clearance_m)
    if colour is not None:
        red, green, blue = (linear(part) for part in colour)
        body = replace(body, colour=(red, green, blue))
    return replace(body, semantic=semantic) if semantic else body


@lru_cache(maxsize=256)
def _lamp_body(mesh: Any) -> Body:
    return Body(mesh=mesh, colour=(0.5, 0.5, 0.5), semantic=int(Semantic.TRAFFIC_LIGHT))


def linear(part: int) -> float:
    """A channel of 0 to 255 in sRGB as linear reflectance (IEC 61966-2-1)."""
    value = part / 255.0
    return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)

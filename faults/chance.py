"""A fault's own chance: a value is a function of (seed, fault name, point, slot), never of a count.

The stream of a fault is `fault:<name>`; the entity is the attachment point's topic. A channel's slot
is the instant of publication, a sensor's the sampling instant.
"""

from dataclasses import dataclass

import numpy as np

from sim.randomness import entity_id, stream_key, uniform


@dataclass(frozen=True, slots=True)
class Chance:
    """Uniform values of one fault at one point."""

    key: np.uint64
    entity: int

    def share(self, slot: int, block: int = 0) -> float:
        """A value in [0, 1) that belongs to this slot and block."""
        return float(uniform(self.key, self.entity, slot, block))

    def pick(self, slot: int, count: int, block: int = 0) -> int:
        """A whole number in [0, count) that belongs to this slot and block."""
        return min(int(self.share(slot, block) * count), count - 1)


def chance_of(seed: int, name: str, point: str) -> Chance:
    """The chance of the fault `name` at `point` under a run's seed."""
    return Chance(stream_key(seed, f"fault:{name}"), entity_id(point))

"""Traffic and walkers that CARLA itself drives around the scenario: how many, and how they behave."""

from dataclasses import dataclass

MOST_VEHICLES = 300
MOST_WALKERS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Background:
    """CARLA-generated background. Behaviour as CARLA's Traffic Manager has it.

    `slower_ratio` is how much slower than the speed limit vehicles drive (negative: faster);
    `ignores_lights_ratio` the chance that a vehicle runs a red light; `runs_ratio` the share of
    walkers that run; `crosses_ratio` how many of them may cross the road.
    """

    vehicles: int = 0
    walkers: int = 0
    seed: int = 0
    distance_m: float = 2.5
    slower_ratio: float = 0.0
    ignores_lights_ratio: float = 0.0
    changes_lanes: bool = True
    runs_ratio: float = 0.0
    crosses_ratio: float = 0.0

    @property
    def count(self) -> int:
        """How many there are in all."""
        return self.vehicles + self.walkers


EMPTY = Background()

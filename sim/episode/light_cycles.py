"""The turns of a town's traffic lights: green, yellow, red, then the next ones of the same junction.

Seconds of the episode. The lights of a phase change together, a group's phases have their turns one after
the other, as CARLA has its controllers: while one phase is green, yellow and then shortly red, all others of
its group are red. A state set by hand holds until the cycle next changes that light.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.episode.signals import GREEN, RED, YELLOW, LampPlan
from sim.episode.triggers import Triggers

# What CARLA's documentation names as a traffic light's usual times; red is what follows yellow before the next turn.
TIMES_S: Final = (10.0, 3.0, 2.0)  # green, yellow, red
STAGES: Final = (GREEN, YELLOW, RED)
SHORTEST_S: Final = 1e-3  # a turn never takes less, whatever times are set


class LightCycle:
    """All lights of a town, a row each as in `Town.lamps`."""

    def __init__(self, lamps: Sequence[LampPlan]) -> None:
        self.frozen = False
        self.states: NDArray[np.int8] = np.full(len(lamps), RED, dtype=np.int8)
        self._triggers = Triggers(tuple(lamp.zones for lamp in lamps))
        names = {group: row for row, group in enumerate(dict.fromkeys(lamp.group for lamp in lamps))}
        self._group = np.array([names[lamp.group] for lamp in lamps], dtype=np.intp)
        self._turns: list[list[list[int]]] = [[] for _ in names]  # group, turn: its lights
        for row, lamp in enumerate(lamps):
            turns = self._turns[names[lamp.group]]
            turns += [[] for _ in range(lamp.turn + 1 - len(turns))]
            turns[lamp.turn].append(row)
        self._turns = [[turn for turn in turns if turn] for turns in self._turns]
        self._times = np.tile(np.array(TIMES_S), (len(lamps), 1))
        self._turn = [0] * len(names)
        self._stage = [0] * len(names)
        self._elapsed = np.zeros(len(names))
        self.reset()

    # -- what clients read ----------------------------------------------------------------------

    @property
    def elapsed_s(self) -> NDArray[np.float64]:
        """(m,) since the light's junction last changed."""
        return np.asarray(self._elapsed[self._group])

    @property
    def times_s(self) -> NDArray[np.float64]:
        """(m, 3) how long each light's green, yellow and following red last."""
        return self._times.copy()

    def group(self, lamp: int) -> tuple[int, ...]:
        """The rows of all lights that have their turns with this one, itself included."""
        return tuple(np.flatnonzero(self._group == self._group[lamp]).tolist())

    def governing(
        self, places: NDArray[np.float64], yaws: NDArray[np.float64], halves: NDArray[np.float64]
    ) -> NDArray[np.int32]:
        """(n,) the light in whose trigger volume each vehicle is, -1 for none; see `Triggers.within`."""
        return self._triggers.within(places, yaws, halves)

    # -- what moves them ------------------------------------------------------------------------

    def step(self, delta_s: float) -> None:
        """Let time pass."""
        if self.frozen:
            return
        self._elapsed += delta_s
        for group, turns in enumerate(self._turns):
            for _ in range(3 * len(turns)):  # at most once round, however long the step and short the times
                lasts_s = self._lasts_s(group)
                if self._elapsed[group] < lasts_s - 1e-9:
                    break
                self._elapsed[group] = max(0.0, self._elapsed[group] - lasts_s)
                self._advance(group)

    def _lasts_s(self, group: int) -> float:
        light = self._turns[group][self._turn[group]][0]
        return max(float(self._times[light, self._stage[group]]), SHORTEST_S)

    def _advance(self, group: int) -> None:
        """The next stage, and after red the next turn's green."""
        turns = self._turns[group]
        self._stage[group] = (self._stage[group] + 1) % len(STAGES)
        if self._stage[group] == 0:
            self._turn[group] = (self._turn[group] + 1) % len(turns)
        self.states[turns[self._turn[group]]] = STAGES[self._stage[group]]

    def freeze(self, frozen: bool) -> None:
        """Stop all cycles, or let them go on. States can still be set by hand."""
        self.frozen = frozen

    def set_state(self, lamp: int, state: int) -> None:
        """Show this until the cycle next changes the light."""
        self.states[lamp] = state

    def set_time(self, lamp: int, stage: int, time_s: float) -> None:
        """How long green (0), yellow (1) or the red after it (2) lasts, of a light and all that change with it."""
        together = next(turn for turn in self._turns[self._group[lamp]] if lamp in turn)
        self._times[together, stage] = max(0.0, time_s)

    def reset_group(self, lamp: int) -> None:
        """The first turn's green, with all others red."""
        self._reset(int(self._group[lamp]))

    def reset(self) -> None:
        """Every group from its first turn on."""
        for group in range(len(self._turns)):
            self._reset(group)

    def _reset(self, group: int) -> None:
        self._turn[group], self._stage[group], self._elapsed[group] = 0, 0, 0.0
        self.states[self._group == group] = RED
        self.states[self._turns[group][0]] = GREEN

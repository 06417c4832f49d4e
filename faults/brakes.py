"""The brakes do not do what they are told: they answer late, only in part, or not at all.

These sit between the actuator's electronics, which see every demand as sent, and the brakes.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace

from faults.untouched import Untouched
from sim.attachments import BrakeLine, Window
from sim.layout import BrakeDemand
from stack.vocabulary import SimNs

Reached = tuple[tuple[SimNs, BrakeDemand], ...]


class FaultyBrakeLine(ABC):
    """A brake line around another; subclasses say what becomes of a demand made in the window."""

    def __init__(self, inner: BrakeLine, window: Window) -> None:
        self.inner = inner
        self.window = window

    def pass_on(self, demand: BrakeDemand, at: SimNs) -> Reached:
        """As the inner line, except for demands made while the window is open."""
        return self.disturb(demand, at) if self.window.active(at) else self.let_be(demand, at)

    def let_be(self, demand: BrakeDemand, at: SimNs) -> Reached:
        """What becomes of a demand made outside the window."""
        return self.inner.pass_on(demand, at)

    @abstractmethod
    def disturb(self, demand: BrakeDemand, at: SimNs) -> Reached:
        """What becomes of a demand made in the window."""


class _LateLine(FaultyBrakeLine):
    def __init__(self, inner: BrakeLine, window: Window, delay_ns: int) -> None:
        super().__init__(inner, window)
        self._delay_ns = delay_ns
        self._last_at = SimNs(0)

    def let_be(self, demand: BrakeDemand, at: SimNs) -> Reached:
        """Pass it on, though never before a demand made earlier: air does not overtake itself."""
        return self._in_order(self.inner.pass_on(demand, at))

    def disturb(self, demand: BrakeDemand, at: SimNs) -> Reached:
        """Pass it on later."""
        reached = self.inner.pass_on(demand, at)
        if reached and self._delay_ns:
            self.window.note_effect(at)
        return self._in_order(tuple((SimNs(when + self._delay_ns), what) for when, what in reached))

    def _in_order(self, reached: Reached) -> Reached:
        ordered = tuple((max(when, self._last_at), what) for when, what in reached)
        self._last_at = max((when for when, _what in ordered), default=self._last_at)
        return ordered


class _WeakLine(FaultyBrakeLine):
    def __init__(self, inner: BrakeLine, window: Window, effect_ratio: float) -> None:
        super().__init__(inner, window)
        self._effect_ratio = effect_ratio

    def disturb(self, demand: BrakeDemand, at: SimNs) -> Reached:
        """Pass on a share of it."""
        weaker = replace(demand, demand_mps2=demand.demand_mps2 * self._effect_ratio)
        reached = self.inner.pass_on(weaker, at)
        if reached and weaker != demand:
            self.window.note_effect(at)
        return reached


class _StuckLine(FaultyBrakeLine):
    def __init__(self, inner: BrakeLine, window: Window) -> None:
        super().__init__(inner, window)
        self._held_mps2 = 0.0

    def let_be(self, demand: BrakeDemand, at: SimNs) -> Reached:
        """Pass it on, and remember what the brakes were told last."""
        self._held_mps2 = demand.demand_mps2
        return self.inner.pass_on(demand, at)

    def disturb(self, demand: BrakeDemand, at: SimNs) -> Reached:
        """Repeat the last demand before the onset instead."""
        held = replace(demand, demand_mps2=self._held_mps2)
        reached = self.inner.pass_on(held, at)
        if reached and held != demand:
            self.window.note_effect(at)
        return reached


@dataclass(frozen=True, slots=True, kw_only=True)
class BrakeFault(Untouched, ABC):
    """A fault of the brakes themselves."""

    @property
    def points(self) -> tuple[str, ...]:
        """The brake line."""
        return ("brake_line",)

    def wrap_brake_line(self, line: BrakeLine, window: Window, seed: int) -> BrakeLine:
        """A faulty brake line around this one."""
        return self.around(line, window)

    @abstractmethod
    def around(self, inner: BrakeLine, window: Window) -> BrakeLine:
        """The faulty brake line around `inner`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LateBrakes(BrakeFault):
    """Every demand reaches the brakes `delay_ns` later; demands never overtake each other."""

    delay_ns: int

    def around(self, inner: BrakeLine, window: Window) -> BrakeLine:
        """A late line."""
        return _LateLine(inner, window, self.delay_ns)


@dataclass(frozen=True, slots=True, kw_only=True)
class WeakBrakes(BrakeFault):
    """Only `effect_ratio` of every demand reaches the brakes (fade, one circuit lost, low air pressure)."""

    effect_ratio: float

    @property
    def total_loss(self) -> bool:
        """Whether nothing of any demand is left."""
        return self.effect_ratio == 0.0

    def around(self, inner: BrakeLine, window: Window) -> BrakeLine:
        """A weak line."""
        return _WeakLine(inner, window, self.effect_ratio)


@dataclass(frozen=True, slots=True, kw_only=True)
class StuckBrakes(BrakeFault):
    """The brakes stay at the last demand before the onset, whatever is asked of them."""

    @property
    def total_loss(self) -> bool:
        """No demand passes."""
        return True

    def around(self, inner: BrakeLine, window: Window) -> BrakeLine:
        """A stuck line."""
        return _StuckLine(inner, window)

"""Attributes of a sensor blueprint as values: CARLA's units, with what makes no sensor refused.

An attribute that is not given has the blueprint's default.
"""

import math
from dataclasses import dataclass
from typing import Final

from sim.blueprints.blueprint import Blueprint
from sim.episode.structs import Refused

SEEDS: Final = (-(2**31), 2**32 - 1)  # of `noise_seed`, signed or not


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The attributes of one sensor and the blueprint they belong to."""

    blueprint: Blueprint
    attributes: dict[str, str]

    def text(self, name: str, default: str = "") -> str:
        """An attribute as it was written."""
        return self.attributes.get(name) or self.blueprint.default(name) or default

    def number(self, name: str, default: float, least: float = -math.inf, most: float = math.inf) -> float:
        """A finite number from `least` to `most`. Raises Refused."""
        text = self.text(name, repr(default))
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not (math.isfinite(value) and least <= value <= most):
            raise Refused(f"{self.blueprint.id}: {name} is {text!r}; give a number from {least:g} to {most:g}")
        return value

    def whole(self, name: str, default: int, least: int, most: int) -> int:
        """A whole number from `least` to `most`. Raises Refused."""
        value = self.number(name, float(default), float(least), float(most))
        if value != int(value):
            raise Refused(f"{self.blueprint.id}: {name} is {value:g}; give a whole number from {least} to {most}")
        return int(value)

    def flag(self, name: str, default: bool) -> bool:
        """A boolean, written as CARLA writes it. Raises Refused."""
        text = self.text(name, "true" if default else "false").strip().lower()
        if text not in ("true", "false", "1", "0"):
            raise Refused(f"{self.blueprint.id}: {name} is {text!r}; give true or false")
        return text in ("true", "1")

    def choice(self, name: str, default: str, known: tuple[str, ...]) -> str:
        """One of the known words. Raises Refused."""
        text = self.text(name, default).strip().lower()
        if text not in known:
            raise Refused(f"{self.blueprint.id}: {name} is {text!r}; give one of {', '.join(known)}")
        return text

    def period_s(self, delta_s: float) -> float:
        """The time one measurement stands for: `sensor_tick`, at least the step of the episode."""
        return max(delta_s, self.number("sensor_tick", 0.0, 0.0, 1e6))

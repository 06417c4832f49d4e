"""Overrides by what they address.

Overrides are dotted keys. Besides a scenario's own, these are understood:
    latency.<topic>_ms         time added to a topic's channel (latency.brake_request_ms)
    stack.<threshold>          a setting of the stack under test (stack.decision.brake_at_mps2)
    sensor.<topic>.<field>     a parameter of a sensor model (sensor.radar.clutter_per_scan)
    fault.<name>.<key>         a key of a fault file (fault.camera_freezes.trigger.at_s)
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path
from typing import Any

from scenarios import sensing
from scenarios.documents import OVERRIDE, nearest
from sim.topics import TOPICS
from stack.vocabulary import NS_PER_MS, Finding, topics
from stack.vocabulary.topics import kind_of

MOST_LATENCY_MS = 60_000.0  # beyond any run's length


@dataclass(slots=True)
class Sorted:
    """Overrides by address, and what is wrong with them."""

    scenario: dict[str, object] = field(default_factory=dict)
    latency_ns: dict[str, int] = field(default_factory=dict)
    stack: dict[str, float] = field(default_factory=dict)
    sensors: dict[str, dict[str, Any]] = field(default_factory=dict)
    faults: dict[str, dict[str, object]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def refuse(self, key: str, problem: str) -> None:
        """Note what is wrong with an override."""
        self.findings.append(Finding(where=OVERRIDE, field=key, problem=problem))

    def number(self, key: str, value: object) -> float | None:
        """The value as a finite number, or a finding."""
        if isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value):
            return float(value)
        self.refuse(key, f"needs a number, got {value!r}")
        return None


def sort_overrides(overrides: Mapping[str, object], faults: tuple[str, ...]) -> Sorted:
    """Every override at its address; those without one, or without a number where one is due, are findings."""
    split = Sorted()
    for key, value in overrides.items():
        head, _, rest = key.partition(".")
        if head == "latency":
            _latency(split, key, rest, value)
        elif head == "stack":
            if (number := split.number(key, value)) is not None:
                split.stack[rest] = number
        elif head == "sensor":
            _sensor(split, key, rest, value)
        elif head == "fault":
            _fault(split, key, rest, value, faults)
        else:
            split.scenario[key] = value
    return split


def _latency(split: Sorted, key: str, rest: str, value: object) -> None:
    topic = rest.removesuffix("_ms")
    channels = {row.topic for row in TOPICS}
    if topic not in channels or not rest.endswith("_ms"):
        split.refuse(key, f"no such channel{nearest(rest, [f'{name}_ms' for name in channels])}")
    elif (number := split.number(key, value)) is not None:
        if not 0.0 <= number <= MOST_LATENCY_MS:
            split.refuse(key, f"added time must lie between 0 and {MOST_LATENCY_MS:g} ms")
        split.latency_ns[topic] = round(number * NS_PER_MS)


def _sensor(split: Sorted, key: str, rest: str, value: object) -> None:
    topic, _, name = rest.partition(".")
    problem = sensing.parameter_problem(topic, name)
    if problem:
        split.refuse(key, problem)
    elif kind_of(topic) in topics.RAW_INPUTS:
        split.sensors.setdefault(topic, {})[name] = value
    elif (number := split.number(key, value)) is not None:
        split.sensors.setdefault(topic, {})[name] = number


def _fault(split: Sorted, key: str, rest: str, value: object, faults: tuple[str, ...]) -> None:
    name, _, inner = rest.partition(".")
    stems = [Path(fault).stem for fault in faults]
    if name not in stems:
        split.refuse(key, f"this run has no fault '{name}'{nearest(name, stems)}")
    elif not inner:
        split.refuse(key, "name a key of the fault file behind the fault's name")
    else:
        split.faults.setdefault(name, {})[inner] = value

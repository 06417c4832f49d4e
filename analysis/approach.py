"""Whether the approach was driven as the test demands; if not, the run decides nothing.

Judged from the given second up to the start of the functional part and, while neither the system's
braking nor the driver has acted, on to the first of these. The target's speed is let go of when its own scripted
manoeuvre begins in the functional part.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.criteria import Preconditions
from analysis.encounters import ego_contact, encounter, row_of
from analysis.interventions import braking_episodes
from analysis.metrics.warning_lead import value_at
from sim.recording import RunRecord
from sim.truth import EGO, PATH_OFFSET, SPEED, ManoeuvreBegan
from stack.vocabulary import SimNs, ns_from_s, s_from_ns

_TOLERANCE = 1e-9  # rounding of limits that were converted from km/h
KMH_PER_MPS = 3.6


@dataclass(frozen=True, slots=True)
class Breach:
    """A precondition that did not hold: since when, and in a sentence what."""

    at: SimNs
    sentence: str


def approach_ends_at(record: RunRecord) -> SimNs:
    """Last instant of the approach."""
    acts = [int(act.at) for act in record.driver_acts]
    acts += [int(episode.began_at) for episode in braking_episodes(record)]
    contact = ego_contact(record)
    acts += [int(contact.at)] if contact is not None else []
    first = min(acts, default=int(record.ended_at))
    return SimNs(min(max(first, int(record.functional_part_at)), int(record.ended_at)))


def breaches(record: RunRecord, preconditions: Preconditions, target: str) -> tuple[Breach, ...]:
    """Every precondition that did not hold, earliest first."""
    found = [
        _functional_part(record),
        _speed(record, preconditions),
        _offset(record, preconditions),
        _target_speed(record, preconditions),
        _time_to_collision(record, preconditions, target),
    ]
    return tuple(sorted((breach for breach in found if breach is not None), key=lambda breach: breach.at))


def _functional_part(record: RunRecord) -> Breach | None:
    if record.functional_part_at <= record.ended_at:
        return None
    begins_s = s_from_ns(record.functional_part_at)
    return Breach(record.ended_at, f"the run ended before its functional part began at {begins_s:.2f} s")


def _window(record: RunRecord, from_s: float, ends_at: SimNs) -> slice:
    low = int(np.searchsorted(record.truth_at, ns_from_s(from_s), side="left"))
    return slice(low, int(np.searchsorted(record.truth_at, ends_at, side="right")))


def _first_outside(record: RunRecord, window: slice, values: NDArray[np.float64], low: float, high: float) -> int:
    outside = (values[window] < low - _TOLERANCE) | (values[window] > high + _TOLERANCE)
    return window.start + int(np.argmax(outside)) if outside.any() else -1


def _speed(record: RunRecord, preconditions: Preconditions) -> Breach | None:
    window = _window(record, preconditions.from_s, approach_ends_at(record))
    speed = record.truth[:, EGO, SPEED]
    low, high = preconditions.speed_low_mps, preconditions.speed_high_mps
    index = _first_outside(record, window, speed, low, high)
    return None if index < 0 else _band_breach(record, index, "approach speed", float(speed[index]), low, high)


def _offset(record: RunRecord, preconditions: Preconditions) -> Breach | None:
    window = _window(record, preconditions.from_s, approach_ends_at(record))
    offset = np.abs(record.truth[:, EGO, PATH_OFFSET])
    index = _first_outside(record, window, offset, 0.0, preconditions.offset_max_m)
    if index < 0:
        return None
    at = SimNs(int(record.truth_at[index]))
    sentence = f"lane offset {offset[index]:.2f} m at {s_from_ns(at):.2f} s, allowed {preconditions.offset_max_m:.2f} m"
    return Breach(at, sentence)


def _target_speed(record: RunRecord, preconditions: Preconditions) -> Breach | None:
    if not preconditions.target:
        return None
    row = row_of(record, preconditions.target)
    ends_at = int(approach_ends_at(record))
    for event in record.events:
        own = isinstance(event, ManoeuvreBegan) and event.actor == preconditions.target
        if own and event.at >= record.functional_part_at:
            ends_at = min(ends_at, int(event.at))
    speed = record.truth[:, row, SPEED]
    low, high = preconditions.target_speed_low_mps, preconditions.target_speed_high_mps
    index = _first_outside(record, _window(record, preconditions.from_s, SimNs(ends_at)), speed, low, high)
    what = f"speed of {preconditions.target}"
    return None if index < 0 else _band_breach(record, index, what, float(speed[index]), low, high)


def _time_to_collision(record: RunRecord, preconditions: Preconditions, target: str) -> Breach | None:
    name = preconditions.target or target
    if preconditions.ttc_at_least_s <= 0.0 or not name:
        return None
    meeting = encounter(record, name, around=record.functional_part_at)
    ttc = value_at(meeting.time_to_collision(in_path_only=False), meeting.at_ns, int(record.functional_part_at))
    if not ttc.valid or ttc.value >= preconditions.ttc_at_least_s - 1e-6:
        return None
    sentence = f"TTC {ttc.value:.2f} s at the start of the functional part, needs {preconditions.ttc_at_least_s:.1f} s"
    return Breach(record.functional_part_at, sentence)


def _band_breach(record: RunRecord, index: int, what: str, value: float, low: float, high: float) -> Breach:
    at = SimNs(int(record.truth_at[index]))
    kmh = KMH_PER_MPS
    band = f"{low * kmh:.1f} to {high * kmh:.1f} km/h"
    return Breach(at, f"{what} {value * kmh:.1f} km/h at {s_from_ns(at):.2f} s, allowed {band}")

"""The ego against one other actor, over the truth of a run up to first contact.

Arrays are (n,) over `at_ns`. Gaps in m, speeds along the ego's axis in m/s. Instants after the ego's
first contact are left out: what follows an impact is no longer driving.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.metrics.geometry import gap_ahead_m, outline_gap_m, velocity_along_mps
from analysis.metrics.measured import Flags, Floats, Series
from analysis.metrics.modified_time_to_collision import modified_time_to_collision_s
from analysis.metrics.required_deceleration import deceleration_to_avoid_crash_mps2, required_deceleration_mps2
from analysis.metrics.time_headway import time_headway_s
from analysis.metrics.time_to_collision import time_to_collision_s
from sim.recording import RunRecord
from sim.truth import ACCELERATION, EGO, LATERAL_SPEED, SPEED, YAW, Contact
from stack.vocabulary import Finding, InputError, SimNs


@dataclass(frozen=True, slots=True, kw_only=True)
class Encounter:
    """What truth says of the ego and one other actor.

    `gap_m` is the free distance between outlines; `ahead_m` the distance along the ego's axis from
    its front edge, meaningful where `ahead`; `in_path` where the other stands in the ego's width.
    """

    name: str
    at_ns: NDArray[np.int64]
    gap_m: Floats
    ahead_m: Floats
    ahead: Flags
    in_path: Flags
    ego_speed_mps: Floats
    ego_acceleration_mps2: Floats
    other_speed_mps: Floats
    other_acceleration_mps2: Floats

    @property
    def closing_mps(self) -> Floats:
        """Speed of approach along the ego's axis."""
        return self.ego_speed_mps - self.other_speed_mps

    def gap(self) -> Series:
        """Free distance between the outlines, everywhere valid."""
        return Series(self.gap_m, np.ones(self.gap_m.shape, np.bool_))

    def time_to_collision(self, *, in_path_only: bool = True) -> Series:
        """TTC along the ego's axis; for a crossing target also before it is in the path."""
        mask = self.in_path if in_path_only else self.ahead
        return time_to_collision_s(self.ahead_m, self.closing_mps).where(mask)

    def modified_time_to_collision(self) -> Series:
        """MTTC with the present accelerations."""
        rate = self.ego_acceleration_mps2 - self.other_acceleration_mps2
        return modified_time_to_collision_s(self.ahead_m, self.closing_mps, rate).where(self.in_path)

    def time_headway(self) -> Series:
        """Time gap to the other while it is in the path."""
        return time_headway_s(self.ahead_m, self.ego_speed_mps).where(self.in_path)

    def deceleration_to_avoid_crash(self) -> Series:
        """DRAC while the other is in the path."""
        return deceleration_to_avoid_crash_mps2(self.ahead_m, self.closing_mps).where(self.in_path)

    def required_deceleration(self) -> Series:
        """Braking needed, the other's own braking counted in."""
        other = np.maximum(self.other_speed_mps, 0.0)
        braking = np.maximum(-self.other_acceleration_mps2, 0.0)
        return required_deceleration_mps2(self.ahead_m, self.ego_speed_mps, other, braking).where(self.in_path)


def row_of(record: RunRecord, name: str) -> int:
    """The actor's row in the roster; an unknown name is refused with the names there are."""
    if name in record.roster.names:
        return record.roster.names.index(name)
    there = ", ".join(record.roster.names)
    raise InputError((Finding(where=record.run_id, field="target", problem=f"no actor '{name}'; there are: {there}"),))


def ego_contact(record: RunRecord) -> Contact | None:
    """The first contact the ego took part in."""
    ego = record.roster.names[EGO]
    for event in record.events:
        if isinstance(event, Contact) and ego in (event.first, event.second):
            return event
    return None


def struck_by_ego(record: RunRecord, contact: Contact) -> int:
    """Roster row of the other party of an ego contact."""
    return row_of(record, contact.second if contact.first == record.roster.names[EGO] else contact.first)


def samples_until_contact(record: RunRecord) -> int:
    """How many truth instants lie before the ego's first contact."""
    contact = ego_contact(record)
    if contact is None:
        return int(record.truth_at.size)
    return int(np.searchsorted(record.truth_at, contact.at, side="left"))


def encounter(record: RunRecord, name: str, around: SimNs | None = None) -> Encounter:
    """The ego against the named actor, over the run or only at the samples around one instant."""
    row = row_of(record, name)
    count = samples_until_contact(record)
    first = 0
    if around is not None:
        first = max(int(np.searchsorted(record.truth_at, around, side="right")) - 1, 0)
        count = min(first + 2, count)
    ego, other = record.truth[first:count, EGO], record.truth[first:count, row]
    ego_size, other_size = _size(record, EGO), _size(record, row)
    ahead_m, ahead, in_path = gap_ahead_m(ego[:, :3], ego_size, other[:, :3], other_size)
    along = velocity_along_mps(ego[:, YAW], other[:, YAW], other[:, SPEED], other[:, LATERAL_SPEED])
    turn = other[:, YAW] - ego[:, YAW]
    return Encounter(
        name=name,
        at_ns=record.truth_at[first:count],
        gap_m=outline_gap_m(ego[:, :3], ego_size, other[:, :3], other_size),
        ahead_m=ahead_m,
        ahead=ahead,
        in_path=in_path,
        ego_speed_mps=ego[:, SPEED],
        ego_acceleration_mps2=ego[:, ACCELERATION],
        other_speed_mps=along,
        other_acceleration_mps2=other[:, ACCELERATION] * np.cos(turn),
    )


def nearest_actor(record: RunRecord) -> str:
    """The actor whose outline came nearest to the ego's before contact; empty if the ego is alone.

    Circles around the outlines tell where a smaller gap is possible at all; boxes are compared there.
    """
    count = samples_until_contact(record)
    if len(record.roster.names) < 2 or count == 0:
        return ""
    ego = record.truth[:count, EGO]
    radii = 0.5 * np.hypot(record.roster.size_m[:, 0], record.roster.size_m[:, 1])
    apart = np.hypot(*(record.truth[:count, :, axis] - ego[:, None, axis] for axis in (0, 1)))
    low = apart - (radii + radii[EGO])
    best, best_gap = "", float("inf")
    for row in np.argsort(low.min(axis=0), kind="stable").tolist():
        near = low[:, row] < best_gap
        if row == EGO or not near.any():
            continue
        gap = outline_gap_m(ego[near, :3], _size(record, EGO), record.truth[:count][near, row, :3], _size(record, row))
        if float(gap.min()) < best_gap:
            best, best_gap = record.roster.names[row], float(gap.min())
    return best


def _size(record: RunRecord, row: int) -> tuple[float, float]:
    """Length and width of an actor's outline."""
    length_m, width_m = record.roster.size_m[row, :2].tolist()
    return length_m, width_m

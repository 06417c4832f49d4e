"""The critical moments of a run: instants with a name, for pictures and timelines."""

from dataclasses import dataclass

import numpy as np

from analysis.encounters import ego_contact, encounter, struck_by_ego
from analysis.interventions import intervention
from sim.attachments import NEVER
from sim.recording import RunRecord
from stack.vocabulary import SimNs


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant and what it is; `kind` is functional, fault, diagnosis, mode, warning, braking, contact or gap."""

    at: SimNs
    label: str
    kind: str


def picture_moments(record: RunRecord, target: str) -> tuple[Moment, ...]:
    """Three or four moments worth a picture: warning, braking, the end of the encounter, else the start."""
    acted = intervention(record)
    moments: list[Moment] = []
    if acted.warnings:
        moments.append(Moment(acted.warnings[0].shown_at, "warning shown", "warning"))
    if acted.emergency is not None:
        moments.append(Moment(acted.emergency.applied_at, "emergency braking applied", "braking"))
    elif acted.braking:
        moments.append(Moment(acted.braking[0].began_at, "braking applied", "braking"))
    opened = [f for f in record.faults if f.opened_at <= record.ended_at]
    if opened:
        moments.append(Moment(opened[0].opened_at, f"onset of {opened[0].name}", "fault"))
    elif len(moments) < 2:
        moments.append(Moment(record.functional_part_at, "functional part begins", "functional"))
    moments += _closest(record, target)
    inside = [moment for moment in moments if 0 <= moment.at <= record.ended_at]
    return tuple(sorted(inside, key=lambda moment: moment.at))


def _closest(record: RunRecord, target: str) -> list[Moment]:
    contact = ego_contact(record)
    if contact is not None:
        return [Moment(contact.at, f"contact with {record.roster.names[struck_by_ego(record, contact)]}", "contact")]
    if not target:
        return []
    meeting = encounter(record, target)
    index = int(np.argmin(meeting.gap_m))
    return [Moment(SimNs(int(meeting.at_ns[index])), "smallest gap", "gap")]


def all_moments(record: RunRecord) -> tuple[Moment, ...]:
    """Everything a timeline marks, in order of time; each diagnosis once."""
    acted = intervention(record)
    moments = [Moment(record.functional_part_at, "functional part begins", "functional")]
    moments += [Moment(e.shown_at, "collision warning shown", "warning") for e in acted.warnings[:2]]
    if acted.emergency is not None:
        moments.append(Moment(acted.emergency.applied_at, "emergency demand applied", "braking"))
    seen: set[str] = set()
    for message in record.diagnoses:
        name = message.payload.diagnosis.value
        if message.payload.present and name not in seen:
            seen.add(name)
            moments.append(Moment(message.published_at, f"diagnosis {name}", "diagnosis"))
    moments += [Moment(m.published_at, f"mode {m.payload.after.value}", "mode") for m in record.modes[:4]]
    moments += [Moment(at, "deadman holds", "braking") for at in record.deadman_at[:1]]
    contact = ego_contact(record)
    if contact is not None:
        moments.append(Moment(contact.at, "contact", "contact"))
    inside = [moment for moment in moments if 0 <= moment.at <= record.ended_at]
    return tuple(sorted(inside, key=lambda moment: moment.at))


def fault_windows(record: RunRecord) -> tuple[tuple[str, SimNs, SimNs], ...]:
    """Name, begin and end (cut at the run's end) of every fault that acted."""
    return tuple(
        (fault.name, fault.opened_at, SimNs(min(fault.closed_at, record.ended_at)))
        for fault in record.faults
        if fault.opened_at < NEVER and fault.opened_at <= record.ended_at
    )

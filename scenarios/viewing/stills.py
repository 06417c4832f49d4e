"""Stills of a run's critical moments for its report: small pictures through the dash camera, as data URLs."""

from analysis.moments import picture_moments
from analysis.plots.overlay import labelled
from analysis.report import Still
from scenarios.assembly import PreparedRun
from scenarios.viewing.rendering import data_url
from scenarios.viewing.shots import Theatre
from sim.recording import RunRecord
from stack.vocabulary import s_from_ns

SIZE_PX = (480, 270)
QUALITY = 72
MOST = 3


def stills_of(prepared: PreparedRun, record: RunRecord) -> tuple[Still, ...]:
    """What the dash camera saw at the last few critical moments, faults included."""
    target = prepared.placed.target if prepared.placed.target in record.roster.names else ""
    moments = picture_moments(record, target)[-MOST:]
    if not moments:
        return ()
    theatre = Theatre(prepared, record, size_px=SIZE_PX)
    stills = []
    for moment in moments:
        image = labelled(theatre.settled(moment.at).image, f"{s_from_ns(moment.at):.2f} s  {moment.label}")
        stills.append(Still(label=moment.label, at_s=s_from_ns(moment.at), source=data_url(image, QUALITY)))
    return tuple(stills)

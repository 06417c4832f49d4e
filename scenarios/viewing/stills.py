"""Stills of a run's critical moments for its report: small pictures through the dash camera, as data URLs."""

from analysis.moments import picture_moments
from analysis.plots.overlay import BoxMark, labelled, overlaid
from analysis.report import Still
from scenarios.assembly import PreparedRun
from scenarios.viewing.rendering import data_url
from scenarios.viewing.shots import Theatre
from sim.camera.boxes import boxes_of
from sim.recording import RunRecord
from sim.sensors.pixel_camera import Shot
from stack.vocabulary import s_from_ns

SIZE_PX = (640, 360)
QUALITY = 80
MOST = 3
AROUND_PX = 4.0  # between the target and its brackets


def stills_of(prepared: PreparedRun, record: RunRecord) -> tuple[Still, ...]:
    """What the dash camera saw at the last few critical moments, faults included; brackets around the target."""
    target = prepared.placed.target if prepared.placed.target in record.roster.names else ""
    moments = picture_moments(record, target)[-MOST:]
    if not moments:
        return ()
    theatre = Theatre(prepared, record, size_px=SIZE_PX)
    row = record.roster.names.index(target) if target else -1
    stills = []
    for moment in moments:
        shot = theatre.settled(moment.at)
        image = labelled(overlaid(shot.image, _marks(shot, row), None), f"{s_from_ns(moment.at):.2f} s  {moment.label}")
        stills.append(Still(label=moment.label, at_s=s_from_ns(moment.at), source=data_url(image, QUALITY)))
    return tuple(stills)


def _marks(shot: Shot, row: int) -> tuple[BoxMark, ...]:
    """Brackets around an actor, if it is seen."""
    return tuple(
        BoxMark(
            left=box.u0 - AROUND_PX, top=box.v0 - AROUND_PX, right=box.u1 + AROUND_PX, bottom=box.v1 + AROUND_PX,
            label="", meaning="hazard",
        )
        for box in boxes_of(shot.picture) if box.row == row
    )  # fmt: skip

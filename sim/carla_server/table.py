"""All calls of the server, joined, and the same as a table for people."""

from typing import Final

from sim.carla_server import (
    calls_actors,
    calls_batch,
    calls_level,
    calls_lights,
    calls_managers,
    calls_recorder,
    calls_session,
    calls_vehicles,
    calls_walkers,
)
from sim.carla_server.calls import Call, Depth

SUBJECTS: Final = (
    ("Session, world and map", calls_session.CALLS),
    ("Level", calls_level.CALLS),
    ("Actors", calls_actors.CALLS),
    ("Batches", calls_batch.CALLS),
    ("Vehicles", calls_vehicles.CALLS),
    ("Walkers", calls_walkers.CALLS),
    ("Traffic lights", calls_lights.CALLS),
    ("Recorder", calls_recorder.CALLS),
    ("Traffic Manager registry", calls_managers.CALLS),
)
CALLS: Final[dict[str, Call]] = {call.name: call for _, calls in SUBJECTS for call in calls}


def printed() -> str:
    """The table of what is and is not implemented, as Markdown."""
    lines = [
        "| subject | works | works in part | accepted, changes nothing | refused |",
        "| --- | --- | --- | --- | --- |",
    ]
    for subject, calls in SUBJECTS:
        cells = [", ".join(_cell(call) for call in calls if call.depth is depth) or "-" for depth in Depth]
        lines.append(f"| {subject} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _cell(call: Call) -> str:
    return f"`{call.name}`" + (f" ({call.note})" if call.note else "")

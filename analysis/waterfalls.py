"""The latency waterfall of one message: from the light that fell on a sensor to felt deceleration.

The deciding message is the request that opened the braking episode in which emergency demand was
first reached; in a run without one, the first request that braked. Instants are virtual ns.
"""

from dataclasses import dataclass

from analysis.interventions import BRAKING_DEMAND_MPS2, EMERGENCY_DEMAND_MPS2, applied_requests
from sim.recording import BrakeLedger, RunRecord
from stack.vocabulary import Message, SimNs


@dataclass(frozen=True, slots=True)
class WaterfallRow:
    """One span; `kind` is sensor, transport, queue, run or vehicle."""

    label: str
    from_ns: SimNs
    to_ns: SimNs
    kind: str


def deciding_request(record: RunRecord) -> BrakeLedger | None:
    """The request whose message decided to brake; None in a run without braking."""
    applied = applied_requests(record)
    braking = [entry for entry in applied if entry.demand_mps2 > BRAKING_DEMAND_MPS2]
    strong = [entry for entry in braking if entry.demand_mps2 >= EMERGENCY_DEMAND_MPS2]
    if not braking:
        return None
    chosen = strong[0] if strong else braking[0]
    openers = {entry.message.sequence: entry for entry in applied}
    return openers.get(chosen.part_of, chosen)


def waterfall(record: RunRecord) -> tuple[WaterfallRow, ...]:
    """The deciding message's journey, in order of time; empty without braking."""
    entry = deciding_request(record)
    if entry is None:
        return ()
    rows = [*_sensor_rows(record, entry.message), *_stage_rows(entry.message), *_vehicle_rows(entry)]
    return tuple(row for row in rows if row.to_ns >= row.from_ns)


def _sensor_rows(record: RunRecord, message: Message) -> list[WaterfallRow]:
    """Exposure to publication and transport of the sensor message the request stems from."""
    same = [sensed for sensed in record.sensed if sensed.true_at == message.true_at]
    if not message.ledger or not same:
        return []
    released_at = message.ledger[0].released_at
    source = min(same, key=lambda sensed: (abs(sensed.delivered_at - released_at), sensed.topic))
    return [
        WaterfallRow(f"{source.topic}: exposure to publication", source.true_at, source.published_at, "sensor"),
        WaterfallRow(f"{source.topic}: transport", source.published_at, source.delivered_at, "transport"),
    ]


def _stage_rows(message: Message) -> list[WaterfallRow]:
    rows: list[WaterfallRow] = []
    before = message.ledger[0].released_at if message.ledger else message.published_at
    for stamp in message.ledger:
        if stamp.released_at > before:
            rows.append(WaterfallRow(f"wait for {stamp.stage}", before, stamp.released_at, "queue"))
        rows.append(WaterfallRow(f"{stamp.stage}: queue", stamp.released_at, stamp.started_at, "queue"))
        rows.append(WaterfallRow(f"{stamp.stage}: run", stamp.started_at, stamp.finished_at, "run"))
        before = stamp.finished_at
    if message.published_at > before:
        rows.append(WaterfallRow("publication", before, message.published_at, "queue"))
    return rows


def _vehicle_rows(entry: BrakeLedger) -> list[WaterfallRow]:
    message = entry.message
    rows = [
        WaterfallRow("command: transport", message.published_at, message.delivered_at, "transport"),
        WaterfallRow("actuator: acceptance", message.delivered_at, entry.applied_at, "vehicle"),
    ]
    if entry.onset_at >= 0:
        rows.append(WaterfallRow("brakes: dead time", entry.applied_at, entry.onset_at, "vehicle"))
    if entry.onset_at >= 0 and entry.felt_at >= 0:
        rows.append(WaterfallRow("brakes: build-up to half", entry.onset_at, entry.felt_at, "vehicle"))
    return rows

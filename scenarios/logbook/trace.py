"""A run's timing as a trace for the Perfetto viewer (ui.perfetto.dev) and for `chrome://tracing`.

Tracks: every sensor from exposure midpoint over publication to delivery; every stage with its jobs from
started to finished, and its queue from released to started; requests on their way to the brakes and
warnings on theirs to the driver; braking stage, ladder, faults. Arrows run from the sensor message that
opened a braking episode or a warning through the stages of its time ledger to where it acted. A host
with several cores does not say which one a job ran on, so stages have tracks and cores have none; how
many jobs are under way is a counter.
"""

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from scenarios.documents import shown_path
from scenarios.logbook.chrome import Place, TraceSheet, trace_bytes
from sim.attachments import NEVER
from sim.recording import BrakeLedger, JobLedger, RunRecord
from sim.truth import BRAKE, EGO, SPEED, BrakeOnset, Contact
from stack.vocabulary import NS_PER_MS, Finding, HostEventKind, InputError, Message, Mode

SUFFIX = ".trace.json.gz"
SENSORS, STAGES, QUEUES, VEHICLE, COURSE = "sensors", "stages", "queues", "vehicle and driver", "course of the run"
_ENDS = (HostEventKind.STAGE_KILLED, HostEventKind.STACK_CRASHED, HostEventKind.STACK_RESTARTED)


def write_trace(record: RunRecord, path: Path) -> Path:
    """Write a run's trace, whole or not at all; raises `InputError` where it cannot be written."""
    raw = trace_bytes(trace_document(record))
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.write_bytes(raw)
        beside.replace(path)
    except OSError as problem:
        words = f"cannot be written: {problem.strerror}; free space or name another place"
        raise InputError((Finding(where=shown_path(path), field="trace", problem=words),)) from problem
    finally:
        with suppress(OSError):  # where nothing can be written there is nothing to take away
            beside.unlink(missing_ok=True)
    return path


def trace_document(record: RunRecord) -> dict[str, Any]:
    """A run's trace as the format's JSON object."""
    drawing = _Drawing(record)
    drawing.draw()
    about = {"run_id": record.run_id, "seed": record.seed, "record_hash": record.record_hash}
    return drawing.sheet.document(about)


class _Drawing:
    """One run being drawn; slices are kept by what arrows look for."""

    def __init__(self, record: RunRecord) -> None:
        self.record = record
        self.sheet = TraceSheet()
        self._sensed: dict[tuple[int, int], Place] = {}  # by true-at and delivery
        self._jobs: dict[tuple[str, int], Place] = {}  # by stage and start

    def draw(self) -> None:
        """Everything, in the order in which the tracks shall stand."""
        self._draw_course()
        self._draw_sensors()
        self._draw_jobs()
        self._draw_queues()
        self._draw_counters()
        self._draw_brakes()
        self._draw_warnings()
        self._draw_marks()

    # -- sensors and stages ---------------------------------------------------------------------

    def _draw_sensors(self) -> None:
        for message in sorted(self.record.sensed, key=lambda one: (one.true_at, one.published_at, one.topic)):
            if message.published_at > message.true_at:
                number: dict[str, Any] = {"sequence": message.sequence}
                place = self.sheet.slice(
                    SENSORS, message.topic, "sensing", message.true_at, message.published_at, number
                )
                self._sensed.setdefault((message.true_at, message.delivered_at), place)
        for message in sorted(self.record.sensed, key=lambda one: (one.published_at, one.delivered_at, one.topic)):
            number = {"sequence": message.sequence, "age_ms": (message.delivered_at - message.true_at) / NS_PER_MS}
            track = f"{message.topic}: on the wire"
            place = self.sheet.slice(SENSORS, track, "transport", message.published_at, message.delivered_at, number)
            self._sensed.setdefault((message.true_at, message.delivered_at), place)

    def _draw_jobs(self) -> None:
        for job, ends_at in self._job_spans():
            killed = job.finished_at < 0
            args = {
                "slot_ms": job.slot / NS_PER_MS,
                "queue_ms": (job.started_at - job.released_at) / NS_PER_MS,
                "work_ms": job.work_ns / NS_PER_MS if job.work_ns >= 0 else "endless",
            }
            name = f"{job.stage}, ended before it finished" if killed else job.stage
            place = self.sheet.slice(STAGES, job.stage, name, job.started_at, ends_at, args)
            self._jobs[job.stage, job.started_at] = place

    def _job_spans(self) -> list[tuple[JobLedger, int]]:
        """Jobs by start with their ends; one that was ended, up to the event that ended it or the next job."""
        jobs = sorted(self.record.jobs, key=lambda one: (one.started_at, one.stage))
        next_start: dict[str, int] = {}
        spans: list[tuple[JobLedger, int]] = []
        for job in reversed(jobs):
            ends_at = int(job.finished_at)
            if ends_at < 0:
                told = [
                    int(event.at)
                    for event in self.record.host_events
                    if event.kind in _ENDS and event.stage in ("", job.stage) and event.at > job.started_at
                ]
                ends_at = min((*told, next_start.get(job.stage, int(self.record.ended_at)), int(self.record.ended_at)))
            next_start[job.stage] = int(job.started_at)
            spans.append((job, ends_at))
        return spans[::-1]

    def _draw_queues(self) -> None:
        for job in sorted(self.record.jobs, key=lambda one: (one.released_at, one.started_at, one.stage)):
            if job.started_at > job.released_at:
                self.sheet.slice(QUEUES, job.stage, "waiting", job.released_at, job.started_at)

    def _draw_counters(self) -> None:
        record, sheet = self.record, self.sheet
        for at, speed, braking in zip(
            record.truth_at.tolist(),
            record.truth[:, EGO, SPEED].tolist(),
            record.truth[:, EGO, BRAKE].tolist(),
            strict=True,
        ):
            sheet.counter(VEHICLE, "speed, m/s", at, speed)
            sheet.counter(VEHICLE, "braking, m/s²", at, braking)
        for ledger in record.requests:
            if ledger.applied_at >= 0:
                sheet.counter(VEHICLE, "demand, m/s²", ledger.applied_at, ledger.demand_mps2)
        changes: list[tuple[int, int]] = []
        for job, ends_at in self._job_spans():
            changes += [(int(job.started_at), 1), (ends_at, -1)]
            sheet.counter(
                QUEUES, f"{job.stage}: waited, ms", job.started_at, (job.started_at - job.released_at) / NS_PER_MS
            )
            if job.finished_at >= 0:
                age_ms = (job.finished_at - job.slot) / NS_PER_MS
                sheet.counter(STAGES, f"{job.stage}: age of data, ms", job.finished_at, age_ms)
        under_way = 0
        for at, change in sorted(changes):
            under_way += change
            sheet.counter(STAGES, "jobs under way", at, under_way)

    # -- where it acted -------------------------------------------------------------------------

    def _draw_brakes(self) -> None:
        openers = [ledger for ledger in self.record.requests if ledger.onset_at >= 0]
        for ledger in sorted(openers, key=lambda one: one.message.published_at):
            self.sheet.flow("to the brakes", [*self._way(ledger.message), *self._brake_slices(ledger)])

    def _brake_slices(self, ledger: BrakeLedger) -> list[Place]:
        sent_at = ledger.message.published_at
        args = {"sequence": ledger.message.sequence, "demand_mps2": ledger.demand_mps2}
        spans = [("command", sent_at, ledger.applied_at), ("dead time", ledger.applied_at, ledger.onset_at)]
        if ledger.felt_at >= 0:
            spans.append(("build-up until felt", ledger.onset_at, ledger.felt_at))
        return [
            self.sheet.slice(VEHICLE, f"brakes: {name}", name, begins, ends, args)
            for name, begins, ends in spans
            if ends > begins >= 0
        ]

    def _draw_warnings(self) -> None:
        for row in sorted(self.record.warnings, key=lambda one: one.message.published_at):
            if row.shown_at < 0:
                self.sheet.instant(VEHICLE, "warnings", "warning that never arrived", row.message.published_at)
                continue
            warning = row.message.payload
            name = f"warning: {warning.kind.value}"
            begins = row.message.published_at
            place = self.sheet.slice(VEHICLE, "warnings", name, begins, row.shown_at, {"reason": warning.reason})
            self.sheet.flow("to the driver", [*self._way(row.message), place])

    def _way(self, message: Message) -> list[Place]:
        """Where a message came from: the sensor's slice, then the job of every stage in its ledger."""
        if not message.ledger:
            return []
        first = self._sensed.get((message.true_at, message.ledger[0].released_at))
        jobs = [self._jobs.get((stamp.stage, stamp.started_at)) for stamp in message.ledger]
        return [place for place in (first, *jobs) if place is not None]

    # -- the course -----------------------------------------------------------------------------

    def _draw_course(self) -> None:
        record, ended_at = self.record, int(self.record.ended_at)
        modes = [(0, Mode.NOMINAL.value, "")]
        modes += [(int(one.published_at), one.payload.after.value, one.payload.reason) for one in record.modes]
        for (at, mode, reason), until in zip(modes, [*(row[0] for row in modes[1:]), ended_at], strict=True):
            self.sheet.slice(COURSE, "ladder", mode, at, until, {"reason": reason})
        starts = [int(one.published_at) for one in record.decisions]
        for one, until in zip(record.decisions, [*starts[1:], ended_at], strict=False):
            why = one.payload.evidence
            args = {"rule": why.rule, "demand_mps2": one.payload.demand_mps2, "counterfactual": why.counterfactual}
            self.sheet.slice(COURSE, "decision", one.payload.stage.value, one.published_at, until, args)
        for fault in record.faults:
            if fault.opened_at != NEVER:
                until = min(int(fault.closed_at), ended_at)
                args = {"taxonomy": fault.taxonomy_id, "altered": fault.altered}
                self.sheet.slice(COURSE, f"fault {fault.name}", fault.name, fault.opened_at, until, args)

    def _draw_marks(self) -> None:
        record, sheet = self.record, self.sheet
        for mode in record.modes:
            words = f"{mode.payload.before.value} to {mode.payload.after.value}"
            sheet.instant(COURSE, "ladder", words, mode.published_at, {"reason": mode.payload.reason})
        for event in record.host_events:
            known = any(job.stage == event.stage for job in record.jobs)
            process, track = (STAGES, event.stage) if known else (COURSE, "host")
            sheet.instant(process, track, event.kind.value, event.at)
        for one in record.diagnoses:
            state = "stands" if one.payload.present else "is gone"
            sheet.instant(COURSE, "diagnoses", f"{one.payload.diagnosis.value} {state}", one.published_at)
        for happened in record.events:
            if isinstance(happened, Contact):
                sheet.instant(VEHICLE, "world", f"contact with {happened.second}", happened.at)
            elif isinstance(happened, BrakeOnset):
                sheet.instant(VEHICLE, "world", "brakes begin to act", happened.at)
            else:
                sheet.instant(VEHICLE, "world", f"{happened.actor}: manoeuvre {happened.index}", happened.at)
        for act in record.driver_acts:
            sheet.instant(VEHICLE, "driver", act.act, act.at, {"reason": act.reason})
        for at in record.deadman_at:
            sheet.instant(VEHICLE, "world", "deadman holds the brakes", at)
        for fault in record.faults:
            if fault.first_effect_at != NEVER:
                sheet.instant(COURSE, f"fault {fault.name}", "first effect", fault.first_effect_at)

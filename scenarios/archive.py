"""What a campaign leaves on disk, and what is read back: one file per run, a report, results for machines.

Everything is written beside its place and renamed into it, so that a stop leaves nothing half-written.
A run's file holds its request, its key and, for measured time, its costs: enough to make it again.
"""

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis.documents import campaign_document, junit_xml
from analysis.sweeps import Sweep
from scenarios.assembly import prepare
from scenarios.campaign import Campaign, Result
from scenarios.commands import request_document, request_from
from scenarios.keys import fingerprint
from scenarios.reporting import report_page
from stack.vocabulary import Finding, InputError

RECORD_SCHEMA = 1


def write_whole(path: Path, text: str) -> None:
    """Write a file so that it is either the old one or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)


def store(campaign: Campaign, title: str, folder: Path, today: str, sweep: Sweep | None) -> Path:
    """Write report, results, JUnit and one file per run; returns the report's path."""
    rows = [result.row for result in campaign.ordered]
    more: dict[str, Any] = {
        "title": title,
        "created_on": today,
        "fingerprint": fingerprint(),
        "interrupted": campaign.interrupted,
        "missing": [task.request.run_id for task in campaign.missing],
    }
    if sweep is not None:
        more["sweep"] = sweep_document(sweep)
    for result in campaign.ordered:
        if result.record is not None:
            write_whole(folder / "runs" / file_name(result), json.dumps(_run_document(result), indent=1) + "\n")
    write_whole(folder / "results.json", json.dumps(campaign_document(rows, **more), indent=1, allow_nan=False) + "\n")
    write_whole(folder / "junit.xml", junit_xml(title, rows))
    report = folder / "report.html"
    write_whole(report, report_page(campaign, title, today, sweep))
    return report


def file_name(result: Result) -> str:
    """Run id and 8 digits of the key hash; without signs that file systems dislike."""
    stem = re.sub(r"[^A-Za-z0-9_+.=-]", "_", str(result.row["run_id"]))
    return f"{stem}-{str(result.row['key_hash'])[:8]}.json"


def sweep_document(sweep: Sweep) -> dict[str, Any]:
    """A sweep as plain JSON."""
    fit = sweep.fit
    return {
        "scenario": sweep.scenario,
        "key": sweep.key,
        "unit": sweep.unit,
        "points": [
            {"value": point.value, "impact_mps": point.impact_mps, "run_id": point.run_id} for point in sweep.points
        ],
        "fit": None
        if fit is None
        else {
            "initial_mps": fit.initial_mps,
            "deceleration_mps2": fit.deceleration_mps2,
            "latency_free_s": fit.latency_free_s,
            "worst_ratio": fit.worst_ratio,
            "points_used": fit.points_used,
            "holds": fit.holds,
        },
    }


def _run_document(result: Result) -> dict[str, Any]:
    return {
        "schema": RECORD_SCHEMA,
        "request": request_document(result.task.request),
        "key": result.key_document,
        "costs_ns": list(result.costs_ns),
        "fingerprint": fingerprint(),
        "row": result.row,
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A run's file, read."""

    path: Path
    document: dict[str, Any]

    @property
    def row(self) -> dict[str, Any]:
        """The judged row."""
        row: dict[str, Any] = self.document["row"]
        return row


def read_stored(path: Path) -> Stored:
    """A run's file; raises `InputError` if it is none."""
    problem = ""
    document: Any = None
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(document, dict) or document.get("schema") != RECORD_SCHEMA or "request" not in document:
            problem = "is no stored run; take a file of a campaign's runs/ folder"
    except OSError as missing:
        problem = f"cannot be read: {missing.strerror}"
    except ValueError as broken:
        problem = f"is no JSON: {broken}"
    if problem:
        raise InputError((Finding(where=str(path), field="record", problem=problem),))
    return Stored(path=path, document=document)


@dataclass(frozen=True, slots=True, kw_only=True)
class Repetition:
    """What became of making a run again."""

    run_id: str
    same: bool
    explanation: str
    exit_code: int
    document: dict[str, Any]


def repeated(stored: Stored) -> Repetition:
    """Make a run again and compare; a difference is explained by code version or platform if these differ."""
    request = request_from(stored.document["request"], tuple(stored.document["costs_ns"]))
    prepared = prepare(request)
    record = prepared.play().record
    before, row = str(stored.row["record_hash"]), stored.row
    same = record.record_hash == before
    reasons = []
    if prepared.key.key_hash != row["key_hash"]:
        reasons.append("the key differs" + _changed(stored.document["key"], prepared.key.document()))
    if stored.document["fingerprint"]["hash"] != fingerprint()["hash"]:
        reasons.append("the platform differs, where only equal verdicts are promised")
    explanation = f"record {record.record_hash[:8]} equals the stored one" if same else (
        f"record {record.record_hash[:8]}, stored {before[:8]}: " + ("; ".join(reasons) or "with equal key and platform")
    )
    return Repetition(
        run_id=request.run_id,
        same=same,
        explanation=explanation,
        exit_code=0 if same else 1,
        document={"run_id": request.run_id, "same": same, "stored": before, "now": record.record_hash, "reasons": reasons},
    )


def _changed(before: dict[str, Any], now: dict[str, Any]) -> str:
    parts = sorted(part for part in now if before.get(part) != now[part])
    return f" in {', '.join(parts)}" if parts else ""

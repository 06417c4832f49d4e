"""What a campaign leaves on disk, and what is read back: one file per run, a report, results for machines.

Everything is written beside its place and renamed into it, so that a stop leaves nothing half-written.
A run's file holds its request, its key and, for measured time, its costs: enough to make it again.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from analysis.documents import campaign_json, junit_xml
from analysis.sweeps import Sweep
from scenarios.assembly import prepare
from scenarios.campaign import Campaign, Result
from scenarios.commands import StoredRequest, request_document, request_from, run_stem
from scenarios.documents import dotted, shown_path
from scenarios.keys import fingerprint
from scenarios.reporting import report_page
from scenarios.whole_files import write_whole
from stack.vocabulary import Finding, InputError

RECORD_SCHEMA = 1


def store(campaign: Campaign, title: str, folder: Path, today: str, sweep: Sweep | None) -> Path:
    """Write report, results, JUnit and one file per run; returns the report's path."""
    rows = [result.row for result in campaign.ordered]
    for name, result in _named(campaign):
        write_whole(folder / "runs" / name, json.dumps(_run_document(result), indent=1, allow_nan=False) + "\n")
    write_whole(folder / "results.json", campaign_text(campaign, title, sweep, created_on=today))
    write_whole(folder / "junit.xml", junit_xml(title, rows))
    report = folder / "report.html"
    write_whole(report, report_page(campaign, title, today, sweep))
    return report


def campaign_text(campaign: Campaign, title: str, sweep: Sweep | None, **more: Any) -> str:
    """The campaign as one JSON document: runs, counts, what is missing, and the sweep if it was one."""
    more |= {
        "title": title,
        "fingerprint": fingerprint(),
        "interrupted": campaign.interrupted,
        "missing": [task.label for task in campaign.missing],
    }
    if sweep is not None:
        more["sweep"] = sweep_document(sweep)
    return campaign_json([result.row for result in campaign.ordered], **more)


def _named(campaign: Campaign) -> Iterator[tuple[str, Result]]:
    """Every run that left a record, with its file name: two rows that ask for the same run get two files."""
    taken: set[str] = set()
    for result in campaign.ordered:
        if result.record is None:
            continue
        name, number = file_name(result), 2
        while name in taken:
            name = f"{file_name(result).removesuffix('.json')}-{number}.json"
            number += 1
        taken.add(name)
        yield name, result


def file_name(result: Result) -> str:
    """Run id and 8 digits of the key hash."""
    return f"{run_stem(str(result.row['run_id']), str(result.row['key_hash']))}.json"


def sweep_document(sweep: Sweep) -> dict[str, Any]:
    """A sweep as plain JSON."""
    fit = sweep.fit
    points = [{"value": point.value, "impact_mps": point.impact_mps, "run_id": point.run_id} for point in sweep.points]
    fitted = None
    if fit is not None:
        fitted = {
            "initial_mps": fit.initial_mps,
            "deceleration_mps2": fit.deceleration_mps2,
            "latency_free_s": fit.latency_free_s,
            "worst_ratio": fit.worst_ratio,
            "points_used": fit.points_used,
            "holds": fit.holds,
        }
    return {"scenario": sweep.scenario, "key": sweep.key, "unit": sweep.unit, "points": points, "fit": fitted}


def _run_document(result: Result) -> dict[str, Any]:
    return {
        "schema": RECORD_SCHEMA,
        "request": request_document(result.task.request),
        "key": result.key_document,
        "costs_ns": list(result.costs_ns),
        "fingerprint": fingerprint(),
        "row": result.row,
    }


class _StoredRow(BaseModel):
    """The part of a stored row that is read again."""

    model_config = ConfigDict(extra="allow", strict=True)

    run_id: str
    verdict: str
    number: str
    reason: str
    command: str
    key_hash: str
    record_hash: str
    fingerprint: str
    criteria: list[dict[str, Any]]
    modes: list[dict[str, Any]]
    faults: list[dict[str, Any]]


class _StoredRun(BaseModel):
    """A run's file from top to bottom."""

    model_config = ConfigDict(extra="forbid", strict=True)

    schema_number: int = Field(alias="schema", ge=RECORD_SCHEMA, le=RECORD_SCHEMA)
    request: StoredRequest
    key: dict[str, Any]
    costs_ns: list[int]
    fingerprint: dict[str, str]
    row: _StoredRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A run as it was stored."""

    path: Path
    document: dict[str, Any]

    @property
    def row(self) -> dict[str, Any]:
        """The run's row of results."""
        row: dict[str, Any] = self.document["row"]
        return row


def read_stored(path: Path) -> Stored:
    """A run's file; raises `InputError` with everything that is wrong with it."""
    try:
        text = path.read_text(encoding="utf-8")
        document = json.loads(text)
    except OSError as missing:
        raise _refusal(path, 1, 1, f"cannot be read: {missing.strerror}") from missing
    except json.JSONDecodeError as broken:
        raise _refusal(path, broken.lineno, broken.colno, f"is no JSON: {broken.msg}") from broken
    except ValueError as broken:
        raise _refusal(path, 1, 1, f"is no JSON text: {broken}") from broken
    if not isinstance(document, dict) or "request" not in document or "row" not in document:
        raise _refusal(path, 1, 1, "is no stored run; take a file of a campaign's runs/ folder")
    try:
        _StoredRun.model_validate(document)
    except ValidationError as error:
        raise InputError(tuple(_finding(path, text, given["loc"], given["msg"]) for given in error.errors())) from error
    return Stored(path=path, document=document)


def _refusal(path: Path, line: int, column: int, problem: str) -> InputError:
    where = f"{shown_path(path)}:{line}:{column}"
    return InputError((Finding(where=where, field="record", problem=problem),))


def _finding(path: Path, text: str, loc: tuple[str | int, ...], message: str) -> Finding:
    """A finding at the position of its key: JSON is YAML, whose nodes know where they stand."""
    node: Any = yaml.compose(text, Loader=yaml.CSafeLoader)
    mark = node.start_mark
    for part in loc:
        if isinstance(node, yaml.MappingNode):
            found = next(((key, value) for key, value in node.value if key.value == part), None)
            if found is None:
                break
            mark, node = found[0].start_mark, found[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int):
            node = node.value[part]
            mark = node.start_mark
    return Finding(where=f"{shown_path(path)}:{mark.line + 1}:{mark.column + 1}", field=dotted(loc), problem=message)


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
    now, before = prepared.play().record.record_hash, str(stored.row["record_hash"])
    reasons = []
    if prepared.key.key_hash != stored.row["key_hash"]:
        reasons.append("the key differs" + _changed(stored.document["key"], prepared.key.document()))
    if stored.document["fingerprint"].get("hash") != fingerprint()["hash"]:
        reasons.append("the platform differs, where only equal verdicts are promised")
    same = now == before
    explanation = f"record {now[:8]} equals the stored one"
    if not same:
        explanation = f"record {now[:8]}, stored {before[:8]}: {'; '.join(reasons) or 'with equal key and platform'}"
    document = {"run_id": request.run_id, "same": same, "stored": before, "now": now, "reasons": reasons}
    return Repetition(
        run_id=request.run_id, same=same, explanation=explanation, exit_code=0 if same else 1, document=document
    )


def _changed(before: dict[str, Any], now: dict[str, Any]) -> str:
    parts = sorted(part for part in now if before.get(part) != now[part])
    return f" in {', '.join(parts)}" if parts else ""

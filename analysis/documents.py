"""A campaign for machines: one JSON document, and JUnit XML for build servers."""

import json
from collections.abc import Sequence
from typing import Any
from xml.etree import ElementTree

from analysis.verdict import VerdictKind

SCHEMA = 1

_FAILURES = frozenset({VerdictKind.FAIL.value, VerdictKind.TIMED_OUT.value})
_ERRORS = frozenset({VerdictKind.CRASHED.value, VerdictKind.INVALID.value})
_SKIPS = frozenset({VerdictKind.SKIPPED.value, VerdictKind.NOT_APPLICABLE.value})


def summary(runs: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Counts by verdict in a fixed order; points of a sweep are counted apart, whatever their verdict."""
    told = [run for run in runs if not explores(run)]
    counts = {kind.value: sum(1 for run in told if run["verdict"] == kind.value) for kind in VerdictKind}
    judged = sum(counts[kind.value] for kind in (VerdictKind.PASS, VerdictKind.FAIL, VerdictKind.TIMED_OUT))
    return {"runs": len(told), "judged": judged, "verdicts": counts, "explored": len(runs) - len(told)}


def explores(run: dict[str, Any]) -> bool:
    """Whether a run is a point of a sweep: played to measure, not to be judged."""
    return bool(run.get("explores", False))


def campaign_document(runs: Sequence[dict[str, Any]], **more: Any) -> dict[str, Any]:
    """The campaign as one value: schema, runs, summary, and what the caller adds (a sweep, say)."""
    return {"schema": SCHEMA, "runs": list(runs), "summary": summary(runs), **more}


def campaign_json(runs: Sequence[dict[str, Any]], **more: Any) -> str:
    """The campaign document as text; not-a-number and infinity are refused."""
    return json.dumps(campaign_document(runs, **more), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def junit_xml(name: str, runs: Sequence[dict[str, Any]]) -> str:
    """One test case per run. Failed and timed out: failure; crashed and invalid: error; the rest skipped."""
    kinds = [run["verdict"] for run in runs]
    suite = ElementTree.Element(
        "testsuite",
        name=name,
        tests=str(len(kinds)),
        failures=str(sum(kind in _FAILURES for kind in kinds)),
        errors=str(sum(kind in _ERRORS for kind in kinds)),
        skipped=str(sum(kind in _SKIPS for kind in kinds)),
        time=f"{sum(run['ended_at_s'] or 0.0 for run in runs):.3f}",
    )
    for run in runs:
        _case(suite, run)
    root = ElementTree.Element("testsuites")
    root.append(suite)
    ElementTree.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ElementTree.tostring(root, encoding="unicode")}\n'


def _case(suite: ElementTree.Element, run: dict[str, Any]) -> None:
    case = ElementTree.SubElement(
        suite,
        "testcase",
        classname=run["suite"] or run["scenario"],
        name=f"{run['row']} {run['run_id']}" if run["row"] else run["run_id"],
        time=f"{run['ended_at_s'] or 0.0:.3f}",  # virtual seconds: the only time a run owns
    )
    tag = _tag(run["verdict"])
    if tag:
        mark = ElementTree.SubElement(case, tag, message=_printable(run["number"]))
        if tag != "skipped":
            mark.set("type", run["verdict"])
        mark.text = _printable(f"{run['clause']}\n{run['reason']}\nagain: {run['command']}".strip())
    output = ElementTree.SubElement(case, "system-out")
    output.text = _printable("\n".join(entry["explanation"] for entry in run["criteria"]))


def _tag(kind: str) -> str:
    if kind in _FAILURES:
        return "failure"
    if kind in _ERRORS:
        return "error"
    return "skipped" if kind in _SKIPS else ""


def _printable(text: str) -> str:
    """Text without the control characters that XML 1.0 forbids."""
    return "".join(char for char in text if char >= " " or char in "\n\t")

"""What stands in the sections of a report: tables and sentences made of rows, without layout.

Everything returned is plain text and numbers for a template; nothing here draws or escapes.
"""

from collections.abc import Sequence
from typing import Any

from analysis.documents import explores, summary
from analysis.fault_times import FaultTimes, Interval, Missing
from analysis.rows import interval_value
from analysis.sweeps import TOLERANCE_RATIO, Sweep
from analysis.verdict import Outcome, VerdictKind, exit_code
from stack.vocabulary import BrakingStage, Message

KMH_PER_MPS = 3.6
GAP_POINTS_ALLOWED = 5.0  # own: a larger gap between tuned and held-out runs is written down as a finding
_EVIDENCE_SHOWN = 12
_OPENED = 3

_WORDS = {
    VerdictKind.PASS: ("pass", "passed"),
    VerdictKind.FAIL: ("fail", "failed"),
    VerdictKind.TIMED_OUT: ("timed out", "timed out"),
    VerdictKind.CRASHED: ("crashed", "crashed"),
    VerdictKind.INVALID: ("invalid", "invalid"),
    VerdictKind.SKIPPED: ("skipped", "skipped"),
    VerdictKind.NOT_APPLICABLE: ("n/a", "not applicable"),
}
_ORDER = ("crashed", "invalid", "fail", "timed_out", "skipped", "pass", "not_applicable")
_JUDGED = ("pass", "fail", "timed_out")
_ROLES = (
    ("must_brake", "must brake"),
    ("must_not_brake", "must not brake"),
    ("fallback", "must fall back in time"),
    ("", "have no role stated"),
)
_LIMITS = ("must_brake", "must_not_brake", "")  # what tuned and held-out runs are compared by

# Run metrics as people read them: name, factor, unit, digits.
_METRICS: dict[str, tuple[str, float, str, int]] = {
    "impact_speed_mps": ("impact speed", KMH_PER_MPS, "km/h", 1),
    "min_gap_m": ("smallest gap", 1.0, "m", 2),
    "min_ttc_s": ("smallest TTC in the path", 1.0, "s", 2),
    "min_mttc_s": ("smallest MTTC in the path", 1.0, "s", 2),
    "min_thw_s": ("smallest time headway", 1.0, "s", 2),
    "max_drac_mps2": ("largest DRAC", 1.0, "m/s²", 2),
    "max_required_deceleration_mps2": ("largest required deceleration", 1.0, "m/s²", 2),
    "max_btn_ratio": ("largest brake threat number", 1.0, "", 2),
    "tet_s": ("time with TTC below 3 s (TET)", 1.0, "s", 2),
    "tit_s2": ("integrated exposure (TIT)", 1.0, "s²", 2),
    "warning_lead_s": ("warning before emergency braking", 1.0, "s", 3),
    "ttc_at_warning_s": ("TTC at the warning", 1.0, "s", 2),
    "ttc_at_braking_s": ("TTC at emergency demand", 1.0, "s", 2),
    "ttc_at_brake_onset_s": ("TTC at brake force onset", 1.0, "s", 2),
    "required_deceleration_at_braking_mps2": ("required deceleration at emergency demand", 1.0, "m/s²", 2),
    "peak_demand_mps2": ("peak demand at the brakes", 1.0, "m/s²", 2),
    "peak_brake_deceleration_mps2": ("peak brake deceleration", 1.0, "m/s²", 2),
    "speed_reduction_mps": ("speed taken off", KMH_PER_MPS, "km/h", 1),
    "ego_delta_v_mps": ("velocity change of the ego", KMH_PER_MPS, "km/h", 1),
    "other_delta_v_mps": ("velocity change of the other", KMH_PER_MPS, "km/h", 1),
    "false_brakings": ("false brakings", 1.0, "", 0),
    "false_warnings": ("false warnings", 1.0, "", 0),
}

# Close to contact these grow without bound; beyond, only that they do is worth saying.
_SHOWN_UP_TO = {"max_drac_mps2": 20.0, "max_required_deceleration_mps2": 20.0, "max_btn_ratio": 5.0}

TERMS: tuple[tuple[str, str], ...] = (
    ("fail", "a deciding criterion did not hold; the number and the clause that decided stand beside it"),
    ("timed out", "the scenario's limit of virtual time came before its end"),
    ("invalid", "the approach was not driven as required, or a fault began and altered nothing: decides nothing"),
    ("crashed", "the test bench failed; a crash of the stack under test is an event inside a run, judged as such"),
    ("skipped, n/a", "not run for the reason stated; outside the vehicle's design range, or a trigger that never came"),
    ("certainty", "V official text; Vx official text read by machine; D derived by arithmetic; own: our target, no "
     "regulation behind it. S (secondary source) and K (memory) are shown and never decide"),
    ("TTC, MTTC", "time to collision at present speeds; at present speeds and accelerations"),
    ("DRAC, BTN", "deceleration that just avoids contact; required over available deceleration, 1 is the limit"),
    ("emergency braking", "a demand of at least 4 m/s² that reached the brakes (UN R131)"),
    ("FDTI", "fault detection time interval: onset to the right diagnosis"),
    ("FRTI", "fault reaction time interval: diagnosis to the driver told of the degraded mode, or braking felt"),
    ("FHTI", "fault handling time interval: FDTI + FRTI"),
    ("FTTI", "fault tolerant time interval: onset to the first violated criterion in the run without protection"),
    ("margin", "FTTI − FHTI; a fault is handled in time while it is above 0 (ISO 26262-1:2018)"),
    ("virtual time", "all instants are virtual and exact; a run is repeated byte for byte from its key"),
)  # fmt: skip


def answer(rows: Sequence[dict[str, Any]]) -> dict[str, str]:
    """The campaign in a word and a sentence; points of a sweep are measured, not judged."""
    points = sum(explores(row) for row in rows)
    rows = [row for row in rows if not explores(row)]
    if points and not rows:
        return {"word": "explored", "kind": "pass", "sentence": f"{points} points of a sweep."}
    outcomes = [Outcome(kind=VerdictKind(row["verdict"]), skip_expected=row["skip_expected"]) for row in rows]
    word, kind = {0: ("holds", "pass"), 1: ("does not hold", "fail"), 2: ("undecided", "invalid")}[exit_code(outcomes)]
    found = summary(rows)["verdicts"]
    undecided = found["crashed"] + found["invalid"] + found["skipped"]
    parts = [f"{found['pass']} passed", f"{found['fail'] + found['timed_out']} failed or timed out"]
    parts.append(f"{undecided} could not be judged")
    if found["not_applicable"]:
        parts.append(f"{found['not_applicable']} not applicable")
    if points:
        parts.append(f"{points} points of a sweep besides")
    plural = "run" if len(rows) == 1 else "runs"
    return {"word": word, "kind": kind, "sentence": f"{len(rows)} {plural}: {', '.join(parts)}."}


def counts(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """How many runs of each kind, for the strip at the top."""
    found = summary(rows)["verdicts"]
    shown = [kind for kind in VerdictKind if found[kind.value] or kind in (VerdictKind.PASS, VerdictKind.FAIL)]
    return [{"kind": kind.value, "count": found[kind.value], "words": _WORDS[kind][1]} for kind in shown]


def comparison(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Must brake beside must not brake, tuned beside held out."""
    rows = [row for row in rows if not explores(row)]
    sides = [(name, flag) for name, flag in (("tuned", False), ("held out", True)) if _side(rows, flag)]
    gaps = len(sides) == 2
    lines = []
    apart = gaps and any(row["role"] == "fallback" for row in rows)  # fallback rows have no held-out twin
    for role, name in (*_ROLES, (None, "all limits" if apart else "all")):
        chosen = [
            row for row in rows if row["role"] == role or (role is None and (not apart or row["role"] in _LIMITS))
        ]
        cells = [_cell(_side(chosen, flag)) for _name, flag in sides]
        if role is None or any(cell["judged"] for cell in cells):
            lines.append({"name": name, "cells": cells, "gap": _gap(cells) if gaps else ""})
    columns = [_column(rows, name, flag, alone=not gaps) for name, flag in sides]
    return {"columns": columns, "lines": lines, "gaps": gaps, "findings": _findings(lines) if gaps else []}


def _side(rows: Sequence[dict[str, Any]], held_out: bool) -> list[dict[str, Any]]:
    return [row for row in rows if row["held_out"] is held_out]


def _column(rows: Sequence[dict[str, Any]], name: str, flag: bool, *, alone: bool) -> str:
    suites = ", ".join(dict.fromkeys(row["suite"] for row in _side(rows, flag) if row["suite"]))
    if alone and not flag:
        return suites or "these runs"
    return f"{name}: {suites}" if suites else name


def _cell(rows: Sequence[dict[str, Any]]) -> dict[str, int]:
    kinds = [row["verdict"] for row in rows]
    judged = sum(kind in _JUDGED for kind in kinds)
    return {"passed": kinds.count("pass"), "judged": judged, "undecided": len(kinds) - judged}


def _points(cells: list[dict[str, int]]) -> float | None:
    if any(cell["judged"] == 0 for cell in cells):
        return None
    tuned, held_out = (100.0 * cell["passed"] / cell["judged"] for cell in cells)
    return held_out - tuned


def _gap(cells: list[dict[str, int]]) -> str:
    points = _points(cells)
    return "–" if points is None else f"{points:+.1f} points"


def _findings(lines: list[dict[str, Any]]) -> list[str]:
    found = []
    for line in lines:
        points = _points(line["cells"])
        if points is not None and abs(points) > GAP_POINTS_ALLOWED:
            side = "worse" if points < 0 else "better"
            found.append(f"Held-out runs ({line['name']}) are {abs(points):.1f} points {side} than tuned ones.")
    return found


def verdict_groups(runs: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Runs by suite in the order they came; inside a suite what needs attention first."""
    names = list(dict.fromkeys(run["suite"] for run in runs))
    return [
        {
            "name": name,
            "runs": sorted((r for r in runs if r["suite"] == name), key=lambda r: _ORDER.index(r["verdict"])),
        }
        for name in names
    ]


def open_first(runs: list[dict[str, Any]]) -> None:
    """Unfold the first runs that need attention, or the first of all, so that the page shows its pictures."""
    urgent = [run for run in runs if run["verdict"] in ("fail", "timed_out", "invalid", "crashed")]
    chosen = urgent[:_OPENED] or [run for run in runs if run["timeline"]][:1]
    for run in runs:
        run["open"] = run in chosen


def run_view(row: dict[str, Any], anchor: str, title: str, why: str) -> dict[str, Any]:
    """One run's words and tables; evidence and pictures are added by the report."""
    ledgers = row["ledgers"]
    deciding = next((c for c in row["criteria"] if c["wording"] == row["number"]), None)
    metrics = row["metrics"]
    return {
        **{key: row[key] for key in ("run_id", "row", "suite", "verdict", "clause", "certainty", "number", "reason")},
        **{key: row[key] for key in ("command", "key_hash", "record_hash", "fingerprint")},
        "anchor": anchor,
        "word": _WORDS[VerdictKind(row["verdict"])][0],
        "title": title,
        "why": why,
        "violated_at": _violated(deciding) if row["verdict"] == "fail" else "",
        "warning_lead": _number(metrics.get("warning_lead_s"), 2, "s"),
        "min_gap": _number(metrics.get("min_gap_m"), 2, "m"),
        "criteria": [_criterion_view(entry) for entry in row["criteria"]],
        "metrics": _metric_views(metrics),
        "stages": [_stage_view(stage) for stage in ledgers["stages"]] if ledgers else [],
        "paths": _path_views(ledgers) if ledgers else [],
        "age": _age_view(ledgers["command_age_ms"]) if ledgers else None,
        "recorded": bool(row.get("recorded", False)),
    }


def _violated(entry: dict[str, Any] | None) -> str:
    if entry is None or isinstance(entry["violated_at_s"], str):
        return ""
    return f"{entry['violated_at_s']:.3f} s"


def _number(value: float | None, digits: int, unit: str) -> str:
    return "" if value is None else f"{value:.{digits}f} {unit}".rstrip()


def _criterion_view(entry: dict[str, Any]) -> dict[str, Any]:
    return {
        **{key: entry[key] for key in ("clause", "source", "certainty", "wording", "explanation", "decides")},
        "style": "pass" if entry["passed"] else "fail",
        "word": "held" if entry["passed"] else "violated",
        "violated_at": _violated(entry) or "never",
    }


def _metric_views(metrics: dict[str, float | None]) -> list[dict[str, str]]:
    shown = []
    for name, (label, factor, unit, digits) in _METRICS.items():
        value = metrics.get(name)
        if value is not None:
            text = _number(value * factor, digits, unit)
            if name in _SHOWN_UP_TO and value > _SHOWN_UP_TO[name]:
                text = f"over {_SHOWN_UP_TO[name]:.0f} {unit}".rstrip()
            shown.append({"name": label, "value": text})
    return shown


def _ms(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _stage_view(stage: dict[str, Any]) -> dict[str, Any]:
    total, waiting = stage["total_ms"], stage["waiting_ms"]
    return {
        "name": stage["stage"].replace("_", " "),
        "p50": _ms(total["p50"]),
        "p99": _ms(total["p99"]),
        "max": _ms(total["max"]),
        "waiting": _ms(waiting["p99"]),
        "misses": stage["deadline_misses"],
        **{key: stage[key] for key in ("released", "finished", "dropped", "killed")},
    }


def _path_views(ledgers: dict[str, Any]) -> list[dict[str, Any]]:
    ways = {f"{topic} exposure to delivery": spans for topic, spans in ledgers["transports"].items()}
    return [
        {"name": name, "count": s["count"], "p50": _ms(s["p50"]), "p99": _ms(s["p99"]), "max": _ms(s["max"])}
        for name, s in (ways | ledgers["paths"]).items()
    ]


def _age_view(age: dict[str, float] | None) -> dict[str, str] | None:
    return None if age is None else {key: f"{value:.1f}" for key, value in age.items()}


def telling(decisions: Sequence[Message]) -> tuple[Message, ...]:
    """The decisions to show: changes of stage or mode first, in order of time, at most a dozen."""
    chosen: list[Message] = []
    for message in decisions:
        before = chosen[-1].payload if chosen else None
        now = message.payload
        if before is None or (now.stage, now.mode, now.warning) != (before.stage, before.mode, before.warning):
            chosen.append(message)
    return tuple(chosen[:_EVIDENCE_SHOWN])


def evidence_view(message: Message) -> dict[str, str]:
    """A decision as a sentence: what was chosen, by which rule, on which readings, against which limit."""
    decision = message.payload
    evidence = decision.evidence
    saw = ", ".join(f"{reading.name} {reading.value:.3g} {reading.unit}".rstrip() for reading in evidence.saw)
    limit = evidence.threshold
    chose = "no intervention" if decision.stage is BrakingStage.NONE else decision.stage.value
    demand = f" with {decision.demand_mps2:.1f} m/s²" if decision.demand_mps2 > 0.0 else ""
    sentence = f"{chose}{demand} in mode {decision.mode.value.replace('_', ' ')}; rule: {evidence.rule}. "
    sentence += f"It saw {saw or 'nothing'}; limit: {limit.name} {limit.value:.3g} {limit.unit}".rstrip() + "."
    return {
        "at": f"{message.published_at * 1e-9:.3f} s",
        "sentence": sentence,
        "counterfactual": evidence.counterfactual,
    }


_STYLES = {
    "in time": "pass",
    "too late": "fail",
    "not handled": "fail",
    Missing.NOT_HAZARDOUS.value: "skipped",
    Missing.NOT_MEASURED.value: "invalid",
}


def fault_view(row: dict[str, Any], times: FaultTimes, anchor: str) -> dict[str, Any]:
    """One line of the fault table."""
    fhti, ftti = times.fhti_ns, times.ftti_ns
    share = 100.0 * fhti / ftti if isinstance(fhti, int) and isinstance(ftti, int) and ftti > 0 else None
    yet = _yet(row, times)
    return {
        "outcome": times.outcome,
        "style": "fail" if yet else _STYLES[times.outcome],
        "yet": yet,
        "name": times.name,
        "taxonomy_id": times.taxonomy_id,
        "run_id": row["run_id"],
        "anchor": anchor,
        "onset": _instant(times.onset_at),
        "effect": _instant(times.first_effect_at),
        "diagnosis": times.diagnosis or "none",
        "fdti": _span(times.fdti_ns),
        "reaction": times.reaction.replace("_", " ") or "none",
        "frti": _span(times.frti_ns),
        "fhti": _span(times.fhti_ns),
        "ftti": _span(times.ftti_ns),
        "violated": times.violated,
        "margin": _span(times.margin_ns),
        "share": share,
        "recovered": _instant(times.recovered_at),
        "wrong": ", ".join(times.wrong_diagnoses),
        "defects": times.defects,
    }


def _yet(row: dict[str, Any], times: FaultTimes) -> str:
    """What the intervals alone would hide: a limit is broken although the fault was handled or harmless."""
    broken = [one["wording"] for one in row.get("criteria", ()) if not one["passed"] and not one["decides"]]
    if row["verdict"] == VerdictKind.PASS.value and broken:
        return f"handled in time, but the limit itself is not kept: {broken[0]}"
    if row["verdict"] != VerdictKind.FAIL.value:
        return ""
    if times.outcome == "in time":
        return f"handled in time, yet the run fails: {row['number']}"
    if times.ftti_ns is Missing.NOT_HAZARDOUS:
        return f"fails with protection, not without: {row['number']}"
    return ""


def _span(interval: Interval) -> str:
    value = interval_value(interval)
    return value if isinstance(value, str) else f"{value:.0f} ms"


def _instant(interval: Interval) -> str:
    return interval.value if isinstance(interval, Missing) else f"{interval * 1e-9:.3f} s"


def sweep_view(sweep: Sweep) -> dict[str, Any]:
    """The sweep's table and the sentence that says what it shows."""
    fit, points = sweep.fit, sorted(sweep.points, key=lambda point: point.value)
    views = []
    for point in points:
        closed = fit.impact_mps(point.value * 1e-3) if fit is not None else 0.0
        deviation = (
            abs(closed - point.impact_mps) / point.impact_mps if fit is not None and point.impact_mps > 0 else None
        )
        views.append(
            {
                "value": f"{point.value:g}",
                "impact": f"{point.impact_mps * KMH_PER_MPS:.1f}",
                "closed_form": f"{closed * KMH_PER_MPS:.1f}",
                "deviation": "–" if deviation is None else f"{deviation:.1%}",
                "run_id": point.run_id,
            }
        )
    return {
        "heading": f"impact speed against {sweep.name}",
        "sentence": _sweep_sentence(sweep),
        "key": sweep.name,
        "unit": sweep.unit,
        "points": views,
        "fitted": fit is not None,
    }


def _sweep_sentence(sweep: Sweep) -> str:
    if not sweep.points:
        return "No run of the sweep was judged."
    ordered = sorted(sweep.points, key=lambda point: point.value)
    speeds = [point.impact_mps * KMH_PER_MPS for point in ordered]
    text = (
        f"From {ordered[0].value:g} to {ordered[-1].value:g} {sweep.unit} of {sweep.name} the impact speed in "
        f"{sweep.scenario} goes from {speeds[0]:.1f} to {speeds[-1]:.1f} km/h."
    )
    if sweep.fit is None:
        return text
    word = "within" if sweep.fit.holds else "not within"
    late_ms = sweep.fit.latency_free_s * 1e3
    return (
        f"{text} Up to {late_ms:.0f} ms nothing touches; beyond, the points lie {word} {TOLERANCE_RATIO:.0%} of the "
        f"closed form (worst {sweep.fit.worst_ratio:.1%}, {sweep.fit.points_used} points above 5 km/h)."
    )

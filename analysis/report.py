"""One self-contained HTML page per campaign: what held, what did not, which clause, and why.

Prose and layout only: numbers come from rows and verdicts, pictures from `analysis.plots`. The page
loads nothing from anywhere. Drawing a run costs about 0.3 s and 130 kB, so the caller chooses which runs
are drawn (`draw_run`), and where: drawings are plain text and can come from a worker process.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from analysis import sections
from analysis.fault_times import FaultTimes
from analysis.moments import picture_moments
from analysis.plots import impact_curve, timeline, top_down, waterfall_bars
from analysis.sweeps import Sweep
from analysis.verdict import Verdict
from analysis.waterfalls import waterfall
from sim.recording import RunRecord

_TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True, kw_only=True)
class Still:
    """One photograph-like picture of a run: what it shows, when, and its bytes as a data URL."""

    label: str
    at_s: float
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A run's figures as SVG text, stills through its dash camera, and its evidence in words."""

    top_down: str = ""
    timeline: str = ""
    waterfall: str = ""
    stills: tuple[Still, ...] = ()
    evidence: tuple[dict[str, Any], ...] = ()
    evidence_left_out: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReport:
    """One run: its row; its drawing, or its record to draw from (neither: only a table line); what was judged."""

    row: dict[str, Any]
    record: RunRecord | None
    verdict: Verdict
    drawing: Drawing | None = None
    fault_times: tuple[FaultTimes, ...] = ()
    why: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """Many runs and what to say about them. `created_on` is a date passed in; notes are findings in words."""

    title: str
    created_on: str
    code_version: str
    fingerprint: str
    runs: tuple[RunReport, ...]
    sweep: Sweep | None = None
    notes: tuple[str, ...] = ()


def render_report(campaign: Campaign) -> str:
    """The page as text."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["breakable"] = breakable
    rows = [run.row for run in campaign.runs]
    runs = [_run_view(run, index, campaign) for index, run in enumerate(campaign.runs)]
    sections.open_first(runs)
    told = [(run.row, times) for run in campaign.runs for times in run.fault_times]
    page = environment.get_template("report.html.j2")
    return page.render(
        campaign=campaign,
        answer=sections.answer(rows),
        counts=sections.counts(rows),
        comparison=sections.comparison(rows),
        defects=[f"{row['run_id']}: {times.name}: {d}" for row, times in told for d in times.defects],
        verdicts=sections.verdict_groups(runs),
        machine_read=any(row["certainty"] == "Vx" for row in rows),
        faults=[sections.fault_view(row, times, _anchor(rows, row)) for row, times in told],
        sweep=_sweep_view(campaign.sweep, campaign.code_version),
        runs=runs,
        terms=sections.TERMS,
    )


def breakable(name: str) -> Markup:
    """A long name, escaped part by part, that a browser may break after underscores, signs and dots."""
    return Markup("<wbr>").join(re.split(r"(?<=[_+.])", name))


def _anchor(rows: list[dict[str, Any]], row: dict[str, Any]) -> str:
    return f"run-{next(index for index, entry in enumerate(rows) if entry is row)}"


def draw_run(record: RunRecord, target: str, code_version: str) -> Drawing:
    """The pictures and the evidence of one run; `target` names the actor it is about, if there is one."""
    named = target if target in record.roster.names else ""
    rows = waterfall(record)
    shown = sections.telling(record.decisions)
    return Drawing(
        top_down=top_down(record, picture_moments(record, named), named, code_version),
        timeline=timeline(record, named, code_version),
        waterfall=waterfall_bars(rows, f"Latency of the deciding message · {record.run_id}") if rows else "",
        evidence=tuple(sections.evidence_view(message) for message in shown),
        evidence_left_out=len(record.decisions) - len(shown),
    )


def _run_view(run: RunReport, index: int, campaign: Campaign) -> dict[str, Any]:
    drawing = run.drawing
    if drawing is None:
        record = run.record
        drawing = Drawing() if record is None else draw_run(record, run.row["target"], campaign.code_version)
    return sections.run_view(run.row, f"run-{index}", run.title, run.why) | {
        "top_down": Markup(drawing.top_down),
        "timeline": Markup(drawing.timeline),
        "waterfall": Markup(drawing.waterfall),
        "stills": [{"label": s.label, "at": f"{s.at_s:.2f} s", "source": s.source} for s in drawing.stills],
        "evidence": list(drawing.evidence),
        "evidence_left_out": drawing.evidence_left_out,
    }


def _sweep_view(sweep: Sweep | None, code_version: str) -> dict[str, Any] | None:
    if sweep is None:
        return None
    return sections.sweep_view(sweep) | {"figure": Markup(impact_curve(sweep, code_version))}

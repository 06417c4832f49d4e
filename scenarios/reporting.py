"""From a finished campaign to its page: every run gets a table line, and pictures where they help.

Pictures are drawn for every run that did not pass, for every run with a fault, and for up to
`MOST_PICTURED` others; a page with hundreds of drawings helps nobody.
"""

from analysis.report import Campaign as Page
from analysis.report import RunReport, render_report
from analysis.sweeps import Sweep
from analysis.verdict import VerdictKind
from scenarios.campaign import Campaign, Result
from scenarios.keys import code_version, fingerprint

MOST_PICTURED = 12


def report_page(campaign: Campaign, title: str, today: str, sweep: Sweep | None) -> str:
    """The campaign's self-contained HTML page."""
    pictured = _pictured(campaign.ordered)
    notes = [f"{len(campaign.missing)} runs are missing: the campaign was interrupted"] if campaign.interrupted else []
    return render_report(
        Page(
            title=title,
            created_on=today,
            code_version=code_version(),
            fingerprint=fingerprint()["hash"],
            runs=tuple(_report(result, index in pictured) for index, result in enumerate(campaign.ordered)),
            sweep=sweep,
            notes=tuple(notes),
        )
    )


def _report(result: Result, pictured: bool) -> RunReport:
    return RunReport(
        row=result.row,
        record=result.record if pictured else None,
        verdict=result.verdict,
        fault_times=result.times,
        why=result.why,
        title=result.title,
    )


def _pictured(results: tuple[Result, ...]) -> set[int]:
    """Which results are drawn."""
    wanted, others = set(), 0
    for index, result in enumerate(results):
        if result.verdict.kind is not VerdictKind.PASS or result.task.request.faults:
            wanted.add(index)
        elif others < MOST_PICTURED:
            others += 1
            wanted.add(index)
    return wanted

"""From a finished campaign to its page: rows and verdicts here, drawings as the runs brought them."""

from analysis.report import Campaign as Page
from analysis.report import RunReport, render_report
from analysis.sweeps import Sweep
from scenarios.campaign import Campaign, Result
from scenarios.keys import code_version, fingerprint
from scenarios.telling import outside_validity


def report_page(campaign: Campaign, title: str, today: str, sweep: Sweep | None) -> str:
    """The campaign's self-contained HTML page."""
    notes = [f"{len(campaign.missing)} runs are missing: the campaign was interrupted"] if campaign.interrupted else []
    notes += [f"{result.row['run_id']}: {what}" for result in campaign.ordered for what in outside_validity(result.row)]
    undrawn = sum(result.record is not None and result.drawing is None for result in campaign.ordered)
    if undrawn:
        notes.append(
            f"{undrawn} runs that passed are not drawn, because there are many; `faultline run` draws any of them"
        )
    return render_report(
        Page(
            title=title,
            created_on=today,
            code_version=code_version(),
            fingerprint=fingerprint()["hash"],
            runs=tuple(_report(result) for result in campaign.ordered),
            sweep=sweep,
            notes=tuple(notes),
        )
    )


def _report(result: Result) -> RunReport:
    return RunReport(
        row=result.row,
        record=None,
        drawing=result.drawing,
        verdict=result.verdict,
        fault_times=result.times,
        why=result.why,
        title=result.title,
    )

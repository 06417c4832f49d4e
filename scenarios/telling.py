"""What the command line says in words: a run, a stored run, a count, a sweep. Lines of text, no printing."""

from collections.abc import Mapping, Sequence
from typing import Any

from analysis.sweeps import Sweep

KMH_PER_MPS = 3.6
LABEL_WIDTH = 8
NAME_WIDTH = 60
CRASHES_TOLD = 3
MISSING_TOLD = 5

LABELS = {
    "pass": "PASS",
    "fail": "FAIL",
    "timed_out": "TIMEOUT",
    "crashed": "CRASHED",
    "invalid": "INVALID",
    "skipped": "SKIPPED",
    "not_applicable": "N/A",
}
_QUIET = ("pass", "not_applicable")


def label(verdict: str) -> str:
    """A verdict as the first column shows it, one blank included."""
    return f"{LABELS[verdict]:<{LABEL_WIDTH}}"


def told_run(row: Mapping[str, Any], name: str) -> list[str]:
    """A run's line behind its label; a failure is followed by why and by the command that repeats it."""
    lines = [f"{name:<{NAME_WIDTH}}  {row['number']}"]
    crashes = row["stack_crashes"]
    indent = " " * LABEL_WIDTH
    lines += [f"{indent}the stack crashed: {crash}" for crash in crashes[:CRASHES_TOLD]]
    if len(crashes) > CRASHES_TOLD:
        lines.append(f"{indent}the stack crashed {len(crashes) - CRASHES_TOLD} more times")
    lines += [f"{indent}{what}" for what in outside_validity(row)]
    if row["verdict"] not in _QUIET:
        lines += [f"{indent}{row['reason']}", f"{indent}again  {row['command']}"]
    return lines


def outside_validity(row: Mapping[str, Any]) -> list[str]:
    """What of a run lies beyond the range in which the ego's brakes were compared with cited data."""
    return [f"beyond what the brakes were compared for: {what}" for what in row.get("outside_validity", ())]


def counted(summary: Mapping[str, Any]) -> str:
    """`23 runs: 22 passed, 1 failed, 0 could not run`; points of a sweep are counted behind it."""
    verdicts = summary["verdicts"]
    failed = verdicts["fail"] + verdicts["timed_out"]
    could_not = verdicts["crashed"] + verdicts["invalid"] + verdicts["skipped"]
    runs = f"{summary['runs']} run{'' if summary['runs'] == 1 else 's'}"
    text = f"{runs}: {verdicts['pass']} passed, {failed} failed, {could_not} could not run"
    text += f", {verdicts['not_applicable']} not applicable" if verdicts["not_applicable"] else ""
    return text + (f"; {summary['explored']} points of a sweep" if summary["explored"] else "")


def told_missing(missing: Sequence[str], wanted: int) -> list[str]:
    """What an interrupted campaign did not get to."""
    lines = [f"interrupted: {len(missing)} of {wanted} runs are missing"]
    lines += [f"{' ' * LABEL_WIDTH}missing  {name}" for name in missing[:MISSING_TOLD]]
    left = len(missing) - MISSING_TOLD
    return [*lines, f"{' ' * LABEL_WIDTH}and {left} more"] if left > 0 else lines


def told_sweep(sweep: Sweep) -> list[str]:
    """The curve as lines, and how well the closed form fits."""
    lines = [f"{sweep.key}: impact speed by added {sweep.unit}"]
    lines += [f"  {point.value:8g} {sweep.unit}   {point.impact_mps * KMH_PER_MPS:5.1f} km/h" for point in sweep.points]
    fit = sweep.fit
    if fit is not None:
        law = f"a = {fit.deceleration_mps2:.2f} m/s², v0 = {fit.initial_mps * KMH_PER_MPS:.0f} km/h, "
        law += f"t0 = {fit.latency_free_s * 1000:.0f} ms"
        deviation = f"within {100 * fit.worst_ratio:.1f} % over {fit.points_used} points"
        lines.append(f"  v = sqrt(2 a v0 (t - t0)) with {law}: {deviation}")
    return lines


def told_row(row: Mapping[str, Any]) -> list[str]:
    """One stored run from verdict to faults."""
    lines = [f"{label(str(row['verdict']))}{row['run_id']}  {row['number']}", f"  {row['reason']}"]
    for one in row["criteria"]:
        lines.append(f"  {'held' if one['passed'] else 'broken'}  {one['clause']}: {one['wording']}")
    lines += [f"  mode {mode['mode']} at {mode['at_s']:.3f} s" for mode in row["modes"]]
    lines += [f"  the stack crashed: {crash}" for crash in row.get("stack_crashes", ())]
    for fault in row["faults"]:
        lines += told_fault(fault)
    lines.append(
        f"  key {str(row['key_hash'])[:8]}, record {str(row['record_hash'])[:8]}, platform {row['fingerprint']}"
    )
    return lines


def told_fault(fault: Mapping[str, Any]) -> list[str]:
    """What a fault did, who noticed when, and whether that was in time."""
    head = f"  fault {fault['name']} ({fault['taxonomy_id']})"
    if fault["skipped"]:
        return [f"{head}: skipped, {fault['skipped']}"]
    if fault["opened_at_s"] == "never":
        return [f"{head}: its {fault['trigger']} trigger never came"]
    lines = [f"{head}: {_acted(fault)}"]
    if fault["masked_by"]:
        lines.append(f"    hidden behind {', '.join(fault['masked_by'])}")
    if "outcome" in fault:
        lines += [f"    {text}" for text in (_handled(fault), _tolerated(fault), *_afterwards(fault)) if text]
    return lines


def _acted(fault: Mapping[str, Any]) -> str:
    closed = fault["closed_at_s"]
    until = "to the end of the run" if closed == "never" else f"to {_seconds(closed)}"
    effect = fault.get("first_effect_at_s", "never")
    first = f", first at {_seconds(effect)}" if not isinstance(effect, str) else ""
    times = "once" if fault["altered"] == 1 else f"{fault['altered']} times"
    return f"from {_seconds(fault['opened_at_s'])} {until}, it acted {times}{first}"


def _handled(fault: Mapping[str, Any]) -> str:
    if not fault["diagnosis"]:
        return "the right diagnosis never came"
    text = f"diagnosed as {fault['diagnosis']} {_ms(fault['fdti_ms'])} after onset (FDTI)"
    if not fault["reaction"]:
        return f"{text}; no right reaction followed"
    text += f", {fault['reaction']} reached {_ms(fault['frti_ms'])} later (FRTI)"
    return f"{text}: {_ms(fault['fhti_ms'])} in all (FHTI)"


def _tolerated(fault: Mapping[str, Any]) -> str:
    ftti, margin = fault["ftti_ms"], fault["margin_ms"]
    if isinstance(ftti, str):
        return f"without protection: {ftti}"
    text = f"without protection it breaks {fault['violated_unprotected']} {_ms(ftti)} after onset (FTTI)"
    text += f": {fault['outcome']}"
    if isinstance(margin, str):
        return text
    return f"{text}, {_ms(abs(margin))} {'to spare' if margin > 0 else 'missing'}"


def _afterwards(fault: Mapping[str, Any]) -> list[str]:
    recovered = fault["recovered_at_s"]
    lines = [] if isinstance(recovered, str) else [f"recovered at {_seconds(recovered)}"]
    if fault["wrong_diagnoses"]:
        lines.append(f"also diagnosed, wrongly: {', '.join(fault['wrong_diagnoses'])}")
    return [*lines, *(f"defect: {defect}" for defect in fault["defects"])]


def _seconds(value: float) -> str:
    return f"{value:.3f} s"


def _ms(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:.0f} ms"

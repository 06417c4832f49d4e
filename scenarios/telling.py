"""What the command line says in words: a stored run, a count, a sweep. Lines of text, no printing."""

from typing import Any

from analysis.sweeps import Sweep

KMH_PER_MPS = 3.6


def counted(summary: dict[str, Any]) -> str:
    """`23 runs: 22 passed, 1 failed, 0 could not run`."""
    verdicts = summary["verdicts"]
    failed = verdicts["fail"] + verdicts["timed_out"]
    could_not = verdicts["crashed"] + verdicts["invalid"] + verdicts["skipped"]
    text = f"{summary['runs']} runs: {verdicts['pass']} passed, {failed} failed, {could_not} could not run"
    return text + (f", {verdicts['not_applicable']} not applicable" if verdicts["not_applicable"] else "")


def told_sweep(sweep: Sweep) -> list[str]:
    """The curve as lines, and how well the closed form fits."""
    lines = [f"{sweep.key}: impact speed by added {sweep.unit}"]
    lines += [f"  {point.value:8g} {sweep.unit}   {point.impact_mps * KMH_PER_MPS:5.1f} km/h" for point in sweep.points]
    fit = sweep.fit
    if fit is not None:
        lines.append(
            f"  v = sqrt(2 a v0 (t - t0)) with a = {fit.deceleration_mps2:.2f} m/s², v0 = {fit.initial_mps * KMH_PER_MPS:.0f} "
            f"km/h, t0 = {fit.latency_free_s * 1000:.0f} ms: within {100 * fit.worst_ratio:.1f} % "
            f"over {fit.points_used} points"
        )
    return lines


def told_row(row: dict[str, Any]) -> list[str]:
    """One stored run from verdict to faults."""
    lines = [f"{str(row['verdict']).upper():<8}{row['run_id']}  {row['number']}", f"  {row['reason']}"]
    lines += [
        f"  {'held' if one['passed'] else 'broken'}  {one['clause']}: {one['wording']}" for one in row["criteria"]
    ]
    lines += [f"  mode {mode['mode']} at {mode['at_s']:.3f} s" for mode in row["modes"]]
    for fault in row["faults"]:
        lines.append(f"  fault {fault['name']}: " + ", ".join(f"{key} {fault[key]}" for key in sorted(fault) if key != "name"))
    lines.append(f"  key {str(row['key_hash'])[:8]}, record {str(row['record_hash'])[:8]}, platform {row['fingerprint']}")
    return lines

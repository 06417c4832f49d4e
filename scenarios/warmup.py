"""Compiles the numba kernels before they are needed, and throws stale ones away.

Kernels are compiled on first use and cached beside their sources; numba does not notice when a kernel
that another one calls has changed. So the digest of all simulator sources is kept with the cache, and
a cache from other sources is deleted. `python -m scenarios.warmup` does both; the command line does
so before a campaign's first run.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from scenarios.keys import digest_of_files

if TYPE_CHECKING:
    from scenarios.assembly import PreparedRun

SIM = Path(__file__).resolve().parent.parent / "sim"
MARK = SIM / "__pycache__" / "kernels.digest"
RIG = "pixels"
WEATHERS_DRAWN = ("day", "night_rain")
PROBES = ("reactive_traffic_on_motorway", "child_steps_out_from_behind_a_van")


def sources_digest() -> str:
    """Digest of everything a kernel may be compiled from."""
    return digest_of_files(path for path in SIM.rglob("*.py") if "__pycache__" not in path.parts)


def is_warm() -> bool:
    """Whether the cached kernels were compiled from these sources."""
    return MARK.is_file() and MARK.read_text(encoding="utf-8") == sources_digest()


def warm() -> None:
    """Delete a stale cache, play short runs that touch every kernel, and remember from what they were made."""
    from scenarios.assembly import RunRequest, prepare
    from scenarios.rehearsal import rehearse

    for stale in (*SIM.rglob("*.nbi"), *SIM.rglob("*.nbc")):
        stale.unlink(missing_ok=True)
    for name in PROBES:
        prepare(RunRequest(scenario=name, seed=1)).play(digest=False)
    _ghost_once(prepare(RunRequest(scenario=PROBES[0], seed=1)))
    for weather in WEATHERS_DRAWN:
        _sense_once(prepare(RunRequest(scenario=PROBES[1], overrides={"conditions.preset": weather}, rig=RIG, seed=1)))
    rehearse()
    try:
        MARK.parent.mkdir(exist_ok=True)
        MARK.write_text(sources_digest(), encoding="utf-8")
    except OSError:
        pass  # a read-only installation compiles again next time


def _ghost_once(prepared: "PreparedRun") -> None:
    """One step of the twin that runs beside a CARLA server."""
    from sim.truth import EGO, LATERAL_SPEED, SPEED, YAW, YAW_RATE, X, Y
    from sim.twin.ghost import GhostTwin
    from stack.vocabulary import SimNs

    ghost = GhostTwin(prepared.placed.layout)
    seen = ghost.observe(SimNs(0)).state[[EGO]][:, [X, Y, YAW, SPEED, LATERAL_SPEED, YAW_RATE]]
    ghost.begin(seen)
    ghost.foresee()
    ghost.settle(seen)


def _sense_once(prepared: "PreparedRun") -> None:
    """Let every sensor of a run look at its first instants: a camera blurs what moves between frames."""
    from scenarios import sensing
    from sim.twin.world import TwinWorld
    from stack.vocabulary import SimNs

    world = TwinWorld(prepared.placed.layout)
    roster = world.observe(SimNs(0)).roster
    scenery = prepared.scenery(roster)
    plans = sensing.plans(1, roster, {}, lambda: (0.0, 0.0, 0.0), scenery, prepared.rig)
    for at in (SimNs(0), SimNs(50_000_000)):
        frame = world.observe(at)
        for plan in plans:
            plan.sensor.sense(frame, at)
    world.close()


if __name__ == "__main__":
    if not is_warm():
        warm()

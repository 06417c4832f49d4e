"""Compiles the numba kernels before they are needed, and throws stale ones away.

Kernels are compiled on first use and cached beside their sources; numba does not notice when a kernel
that another one calls has changed. So the digest of all simulator sources is kept with the cache, and
a cache from other sources is deleted. `python -m scenarios.warmup` does both; the command line does
so before a campaign's first run.
"""

from pathlib import Path

from scenarios.keys import digest_of_files

SIM = Path(__file__).resolve().parent.parent / "sim"
MARK = SIM / "__pycache__" / "kernels.digest"
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

    for stale in (*SIM.rglob("*.nbi"), *SIM.rglob("*.nbc")):
        stale.unlink(missing_ok=True)
    for name in PROBES:
        prepare(RunRequest(scenario=name, seed=1)).play(digest=False)
    try:
        MARK.parent.mkdir(exist_ok=True)
        MARK.write_text(sources_digest(), encoding="utf-8")
    except OSError:
        pass  # a read-only installation compiles again next time


if __name__ == "__main__":
    if not is_warm():
        warm()

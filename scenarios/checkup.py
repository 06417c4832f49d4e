"""What `faultline doctor` looks at: interpreter, parts, adapters, maps, profiles, stacks."""

import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec

from scenarios.assembly import PreparedRun, RunRequest, briefing_for, prepare
from scenarios.keys import fingerprint
from scenarios.maps import load_map, map_names
from scenarios.rig_files import read_rig, rig_names
from scenarios.stacks import pipeline_of, stack_names
from sim.device_profile import profile_names
from stack.vocabulary import Briefing, FaultlineError

PROBE = "truck_meets_stationary_car"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One part: usable or not, and what to do if not. `needed` parts decide the exit code."""

    part: str
    usable: bool
    needed: bool
    detail: str


def checkup() -> list[Checked]:
    """Every part, in the order a run meets them."""
    python = f"{sys.version_info.major}.{sys.version_info.minor}.{sys.version_info.micro}"
    rows = [
        Checked(part="python", usable=True, needed=True, detail=f"{python}, platform {fingerprint()['hash']}"),
        Checked(part="world: twin", usable=True, needed=True, detail="numba kernels, no GPU needed"),
        _carla(),
        *(_map(name) for name in map_names()),
        Checked(part="host: modelled", usable=True, needed=True, detail=f"profiles {', '.join(profile_names())}"),
        Checked(part="host: measured", usable=True, needed=False, detail="this machine's time, repeated by its costs"),
        _part("engine: dask", "distributed", "worker processes for --jobs"),
        *(_rig(name) for name in rig_names()),
        _part("record: MCAP", "mcap", "--record and replay", extra="record"),
        _part("record: video", "av", "watch", extra="record"),
    ]
    return rows + [_stack(name) for name in stack_names()]


def _rig(name: str) -> Checked:
    part = f"rig: {name}"
    try:
        sensors = read_rig(name)
    except FaultlineError as problem:
        return Checked(part=part, usable=False, needed=True, detail=str(problem))
    listed = ", ".join(sensor.topic for sensor in sensors) or "object-level sensors only"
    return Checked(part=part, usable=True, needed=True, detail=listed)


def _part(part: str, package: str, use: str, extra: str = "sim") -> Checked:
    try:
        found = version(package)
    except PackageNotFoundError:
        mend = f"pip install 'faultline[{extra}]' brings {package}"
        return Checked(part=part, usable=False, needed=False, detail=mend)
    return Checked(part=part, usable=True, needed=False, detail=f"{package} {found}: {use}")


def _carla() -> Checked:
    if find_spec("carla") is None:
        detail = "not installed: shipped maps still run from their baked arrays; other maps need carla==0.9.16"
        return Checked(part="road reader: carla.Map", usable=False, needed=False, detail=detail)
    return _part("road reader: carla.Map", "carla", "reads OpenDRIVE, offline")


def _map(name: str) -> Checked:
    part = f"map: {name}"
    try:
        road = load_map(name)
    except FaultlineError as problem:
        return Checked(part=part, usable=False, needed=True, detail=str(problem))
    return Checked(part=part, usable=True, needed=True, detail=f"{len(road.lanes)} lanes, digest {road.digest[:8]}")


def _stack(name: str) -> Checked:
    """Loads the stack and plays one short run twice: what is not repeatable cannot be judged."""
    part, needed = f"stack: {name}", name == "reference"
    try:
        prepared = prepare(RunRequest(scenario=PROBE, stack=name, seed=1))
        first, second = (prepared.play() for _ in range(2))
        stages = len(pipeline_of(prepared.stack, _briefing(prepared)))
    except Exception as problem:  # whatever a foreign stack raises is the finding
        return Checked(part=part, usable=False, needed=needed, detail=f"{type(problem).__name__}: {problem}")
    if first.failures:
        return Checked(part=part, usable=False, needed=needed, detail=f"it crashes: {first.failures[0]}")
    if first.record.record_hash != second.record.record_hash:
        detail = "not repeatable: two runs from one key differ; remove clocks, chance and shared state from it"
        return Checked(part=part, usable=False, needed=needed, detail=detail)
    plural = "" if stages == 1 else "s"
    return Checked(part=part, usable=True, needed=needed, detail=f"{stages} stage{plural}, repeatable")


def _briefing(prepared: PreparedRun) -> Briefing:
    return briefing_for(prepared.placed, prepared.request.protection, prepared.sorted.stack)

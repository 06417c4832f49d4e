"""What `faultline list` lists, names with titles, and the schemas `faultline schema` shows."""

from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path

import yaml
from pydantic import BaseModel

from faults import library
from faults.specification import FaultSpec
from scenarios.maps import map_names
from scenarios.rig_files import RIGS, RigFile, rig_names
from scenarios.scenario_files import LIBRARY, scenario_names
from scenarios.specification import ScenarioFile
from scenarios.stacks import GROUP, stack_names
from scenarios.suite_files import SUITES, SuiteFile, suite_names
from scenarios.weathers import WEATHERS
from sim.device_profile import PROFILE_FOLDER, DeviceProfile, profile_names

Rows = list[tuple[str, str]]


def _title(path: Path) -> str:
    with path.open(encoding="utf-8") as text:
        data = yaml.safe_load(text)
    return str(data.get("title", "")) if isinstance(data, dict) else ""


def _scenarios() -> Rows:
    return [(name, _title(LIBRARY / f"{name}.yaml")) for name in scenario_names()]


def _suites() -> Rows:
    return [(name, _title(SUITES / f"{name}.yaml")) for name in suite_names()]


def _faults() -> Rows:
    return [(name, _title(Path(str(library.path(name))))) for name in library.names()]


def _profiles() -> Rows:
    return [(name, _title(PROFILE_FOLDER / f"{name}.yaml")) for name in profile_names()]


def _rigs() -> Rows:
    return [(name, _title(RIGS / f"{name}.yaml")) for name in rig_names()]


def _weathers() -> Rows:
    return [(name, preset.says) for name, preset in WEATHERS.items()]


def _stacks() -> Rows:
    values = {entry.name: entry.value for entry in entry_points(group=GROUP)}
    return [(name, values[name]) for name in stack_names()]


def _maps() -> Rows:
    return [(name, "OpenDRIVE map of our own, with its baked arrays") for name in map_names()]


SHELVES: dict[str, Callable[[], Rows]] = {
    "scenarios": _scenarios,
    "suites": _suites,
    "faults": _faults,
    "rigs": _rigs,
    "weathers": _weathers,
    "profiles": _profiles,
    "stacks": _stacks,
    "maps": _maps,
}

SCHEMAS: dict[str, type[BaseModel]] = {
    "scenario": ScenarioFile,
    "suite": SuiteFile,
    "fault": FaultSpec,
    "rig": RigFile,
    "profile": DeviceProfile,
}

"""Fault files by name or path, read with positions and overrides, as planned faults."""

from collections.abc import Mapping
from pathlib import Path

from faults import library
from faults.plan import PlannedFault
from faults.specification import FaultSpec, planned_from
from scenarios.documents import read_document


def find_fault(name_or_path: str) -> Path:
    """The file of a library fault, or the path itself; an unknown name is answered with the nearest."""
    if name_or_path.endswith((".yaml", ".yml")):
        return Path(name_or_path)
    return Path(str(library.path(name_or_path)))


def read_fault(name_or_path: str, overrides: Mapping[str, object]) -> PlannedFault:
    """A fault with overrides applied; raises `InputError` with every finding."""
    path = find_fault(name_or_path)
    return planned_from(read_document(path, FaultSpec, overrides), path.stem)

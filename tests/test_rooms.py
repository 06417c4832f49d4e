"""The rooms are ours, say what they are for, and open no door they should not."""

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("analysis", "faults", "hil", "scenarios", "sim", "stack")


def modules():
    return [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]


def imported_after(statement):
    code = f"{statement}; import sys; print(' '.join(sorted({{name.partition('.')[0] for name in sys.modules}})))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    return set(done.stdout.split())


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_is_our_package_and_not_somebody_elses_of_the_same_name(room):
    found = Path(importlib.import_module(room).__file__).resolve()
    assert found.parent.name == room
    assert (found.parent.parent / "scenarios" / "assembly.py").exists()


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_module_says_what_it_is_for(path):
    assert ast.get_docstring(ast.parse(path.read_text())), path


@pytest.mark.parametrize("room", ["stack", "hil"])
def test_these_doors_import_nothing(room):
    tree = ast.parse((ROOT / room / "__init__.py").read_text())
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]


def test_the_stack_runs_without_the_simulator():
    loaded = imported_after("import stack.pipeline, stack.known_bad")
    assert not loaded & {
        "numba",
        "simpy",
        "carla",
        "matplotlib",
        "typer",
        "sim",
        "scenarios",
        "faults",
        "analysis",
        "hil",
    }


def test_measured_and_stored_time_need_no_compiler():
    assert "scenarios" not in imported_after("import hil.stored, hil.measured")


def test_the_vocabulary_exports_exactly_what_it_shows():
    import stack.vocabulary as vocabulary

    visible = {name for name in vars(vocabulary) if not name.startswith("_")}
    submodules = {path.stem for path in (ROOT / "stack" / "vocabulary").glob("*.py")} - {"topics"}
    assert visible - submodules == set(vocabulary.__all__)


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_file_outgrows_what_a_person_reads(path):
    assert path.read_text().count("\n") <= 500

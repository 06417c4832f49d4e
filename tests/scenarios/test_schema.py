"""Every kind of file has a JSON Schema that knows its keys and refuses others."""

import json
import subprocess
import sys

import pytest

from scenarios.shelves import SCHEMAS


@pytest.mark.parametrize(
    ("what", "key"), [("scenario", "ego"), ("suite", "rows"), ("fault", "effect"), ("profile", "supply")]
)
def test_the_command_prints_the_schema_of_a_file(what, key):
    command = [sys.executable, "-m", "scenarios.command", "schema", what]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    schema = json.loads(done.stdout)
    assert key in schema["properties"]
    assert schema["additionalProperties"] is False


def test_an_unknown_kind_of_file_is_refused_with_the_known_ones():
    command = [sys.executable, "-m", "scenarios.command", "schema", "sceanrio"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert all(name in done.stderr for name in SCHEMAS)

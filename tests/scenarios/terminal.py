"""The command line as a person meets it: words in, exit code and text out."""

import json
import sys
from dataclasses import dataclass

import pytest

from scenarios.cli import run_app


@dataclass(frozen=True)
class Said:
    """What a command left in the terminal."""

    code: int
    out: str
    err: str

    @property
    def document(self):
        """Standard output as the one JSON document it must be."""
        return json.loads(self.out)


class Terminal:
    """Runs commands in this process; both streams are caught."""

    def __init__(self, monkeypatch, capsys):
        self._monkeypatch, self._capsys = monkeypatch, capsys

    def __call__(self, *words):
        self._monkeypatch.setattr(sys, "argv", ["faultline", *(str(word) for word in words)])
        self._capsys.readouterr()
        with pytest.raises(SystemExit) as leaving:
            run_app()
        said = self._capsys.readouterr()
        return Said(leaving.value.code or 0, said.out, said.err)

"""Asks the ASAM OpenDRIVE checker about the maps: `python -m scenarios.maps.check <path of qc_opendrive>`.

The checker (package `asam-qc-opendrive`) lives in a virtual environment of its own, because it wants
older numpy and lxml:

    python -m venv .venv-asam && .venv-asam/bin/pip install asam-qc-opendrive
    python -m scenarios.maps.check .venv-asam/bin/qc_opendrive

Silent with exit code 0 when every map is valid; else the findings on standard error and exit code 1.
"""

import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from scenarios.maps import FOLDER, map_names
from stack.vocabulary import MachineryError, MissingPart

BUNDLE = "xodrBundle"  # what the checker calls itself in its configuration
TIMEOUT_S = 120.0
SEVERITY = {"1": "error", "2": "warning", "3": "information"}  # IssueSeverity of the ASAM quality framework


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """One thing the checker says about a map."""

    rule: str
    severity: str
    text: str

    def __str__(self) -> str:
        """`severity: rule: text`."""
        return f"{self.severity}: {self.rule}: {self.text}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one run of the checker said; a skipped or failed rule is named, never counted as passed."""

    completed: tuple[str, ...]
    skipped: tuple[str, ...]
    failed: tuple[str, ...]
    issues: tuple[Issue, ...]

    @property
    def errors(self) -> tuple[str, ...]:
        """Everything that makes the map not valid: issues of severity error, and rules that broke."""
        broken = tuple(f"error: {rule}: the check itself failed" for rule in self.failed)
        return tuple(str(issue) for issue in self.issues if issue.severity == "error") + broken


def check(xodr: Path, executable: str) -> Outcome:
    """Runs the checker on one file. Raises MissingPart without it, MachineryError when it leaves no result."""
    program = shutil.which(executable)
    if program is None:
        raise MissingPart(f"{executable} is not there: install asam-qc-opendrive in an environment of its own")
    with tempfile.TemporaryDirectory() as folder:
        configuration, result = Path(folder, "configuration.xml"), Path(folder, "result.xqar")
        root = ElementTree.Element("Config")
        ElementTree.SubElement(root, "Param", name="InputFile", value=str(xodr.resolve()))
        bundle = ElementTree.SubElement(root, "CheckerBundle", application=BUNDLE)
        ElementTree.SubElement(bundle, "Param", name="resultFile", value=str(result))
        ElementTree.ElementTree(root).write(configuration, encoding="utf-8")
        command = [str(Path(program).absolute()), "-c", str(configuration)]
        ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
        if not result.exists():
            raise MachineryError(f"{executable} left no result (exit code {ran.returncode}): {ran.stderr[-500:]}")
        return parse(result.read_text(encoding="utf-8"))


def parse(result: str) -> Outcome:
    """Reads the checker's result file (ASAM quality framework, .xqar)."""
    by_status: dict[str, list[str]] = {"completed": [], "skipped": [], "failed": []}
    issues = []
    for checker in ElementTree.fromstring(result).iter("Checker"):
        name, status = str(checker.get("checkerId")), str(checker.get("status"))
        by_status[status if status in by_status else "failed"].append(name)
        for issue in checker.iter("Issue"):
            severity = SEVERITY.get(str(issue.get("level")), "error")
            issues.append(Issue(rule=str(issue.get("ruleUID")), severity=severity, text=str(issue.get("description"))))
    lists = {status: tuple(names) for status, names in by_status.items()}
    return Outcome(issues=tuple(issues), **lists)


def main(executable: str, folder: Path = FOLDER) -> str:
    """Findings about all maps of a folder, one line each; empty when there is none."""
    lines = []
    for name in map_names(folder):
        outcome = check(folder / f"{name}.xodr", executable)
        found = [str(issue) for issue in outcome.issues if issue.severity != "error"] + list(outcome.errors)
        if not outcome.completed:
            found.append("error: no rule was checked")
        lines += [f"{name}.xodr: {line}" for line in found]
    return "\n".join(lines)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1] if len(sys.argv) > 1 else "qc_opendrive") or 0)

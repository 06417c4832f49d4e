"""What `make prove` found, as one small document to commit: counts, every test's outcome, the speeds."""

import json
import sys
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

from scenarios.keys import code_version, fingerprint


def outcome(case):
    """One word for a test case of a JUnit file."""
    for tag, word in (("failure", "failed"), ("error", "error")):
        if case.find(tag) is not None:
            return word
    skipped = case.find("skipped")
    if skipped is None:
        return "passed"
    return "expected failure" if skipped.get("type") == "pytest.xfail" else "skipped"


def summary(junit, speeds):
    """The document; test names are without their file's path."""
    cases = {
        f"{case.get('classname').rpartition('.')[2]}::{case.get('name')}": outcome(case)
        for case in junit.iter("testcase")
    }
    return {
        "code_version": code_version(),
        "fingerprint": fingerprint(),
        "counts": dict(sorted(Counter(cases.values()).items())),
        "speeds": {name: row["figures"] for name, row in sorted(speeds.items())},
        "tests": dict(sorted(cases.items())),
    }


if __name__ == "__main__":
    junit_file, speeds_file, target = (Path(word) for word in sys.argv[1:])
    found = json.loads(speeds_file.read_text()) if speeds_file.exists() else {}
    target.write_text(json.dumps(summary(ElementTree.parse(junit_file), found), indent=1) + "\n")

"""What can be refused before a run starts.

FaultlineError
├── InputError        a file, key or value that must be mended; carries every finding at once
├── MissingPart       something that is not installed or not reachable, with the mend
└── MachineryError    our own code or a host failed; the verdict is `crashed`
"""

from dataclasses import dataclass


class FaultlineError(Exception):
    """Any failure that Faultline explains."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing wrong in an input: where it stands, what is wrong, what to do."""

    where: str  # file:line:col or the command-line option
    field: str
    problem: str

    def __str__(self) -> str:
        """`file:line:col: field: problem`."""
        return f"{self.where}: {self.field}: {self.problem}"


class InputError(FaultlineError):
    """Input that cannot be used; all findings at once."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__("\n".join(str(finding) for finding in findings))
        self.findings = findings


class MissingPart(FaultlineError):
    """Something is not installed or not reachable; the message says how to mend it."""


class MachineryError(FaultlineError):
    """Faultline's own machinery failed; never a verdict about the stack."""

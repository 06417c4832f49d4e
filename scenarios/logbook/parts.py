"""What recording and replay need beyond the simulator: the extra `record`."""

from stack.vocabulary import MissingPart


def record_extra(missing: ModuleNotFoundError) -> MissingPart:
    """The refusal of a machine on which the extra is not installed."""
    return MissingPart(f"recording and replay need the package {missing.name}: pip install 'faultline[record]'")

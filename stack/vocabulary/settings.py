"""How a run's settings change named thresholds: `tracking.gate` changes `gate` of tracking's thresholds.

Thresholds are frozen dataclasses of floats, one per stage, whose defaults are documented there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, TypeVar

from stack.vocabulary.errors import Finding, InputError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_Thresholds = TypeVar("_Thresholds", bound="DataclassInstance")


def adjusted(defaults: _Thresholds, prefix: str, settings: Mapping[str, float]) -> _Thresholds:
    """The thresholds with every setting `prefix.name` applied; unknown names are refused, all at once."""
    names = [field.name for field in fields(defaults)]
    changes: dict[str, float] = {}
    findings = []
    for key in sorted(settings):
        owner, _, name = key.partition(".")
        if owner != prefix:
            continue
        if name in names:
            changes[name] = float(settings[key])
            continue
        near = get_close_matches(name, names, n=1)
        hint = f"did you mean {prefix}.{near[0]}?" if near else f"known: {', '.join(names)}"
        findings.append(Finding(where="settings", field=key, problem=f"no such threshold; {hint}"))
    if findings:
        raise InputError(tuple(findings))
    return replace(defaults, **changes)

"""Why a decision fell as it did: what was seen, which threshold decided, what would have changed it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A named value with its unit, as used in a decision."""

    name: str
    value: float
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What one decision rests on.

    `rule` names the rule that decided; `saw` its inputs; `threshold` the limit that was met or
    missed; `counterfactual` a sentence that says which change of input would have turned it.
    """

    rule: str
    saw: tuple[Reading, ...]
    threshold: Reading
    counterfactual: str

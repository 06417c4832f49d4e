"""The schema of a fault file, and the way from a file to a planned fault.

A fault file says in this order: a title, why it is worth playing (risk and public source), its
taxonomy id, the trigger, how long it lasts, the effect with its severity, and what counts as the
right reaction of the stack. Unknown keys are errors; all findings come at once.
"""

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import BaseModel, Field, ValidationError, field_validator, model_validator

from faults.effects import AnyEffect
from faults.plan import Expectation, LocatedFault, PlannedFault
from faults.schema import NotNegative, Positive, Ratio, Schema
from faults.taxonomy import TAXONOMY
from faults.triggers import (
    FOREVER_NS,
    LONGEST_NS,
    NEAREST_AHEAD,
    BrakingFor,
    ChanceTrigger,
    ConditionTrigger,
    GapBelow,
    InstantTrigger,
    TimeToCollisionBelow,
    Trigger,
)
from stack.vocabulary import Diagnosis, Finding, InputError, Mode, ns_from_s, s_from_ns

Path = tuple[str | int, ...]
EFFECTS: tuple[type[BaseModel], ...] = tuple(
    leaf
    for branch in get_args(get_args(AnyEffect)[0])
    for leaf in (get_args(get_args(branch)[0]) if get_args(branch) else (branch,))
)
KINDS: tuple[str, ...] = tuple(dict.fromkeys(get_args(effect.model_fields["kind"].annotation)[0] for effect in EFFECTS))
_WAYS_TO_BEGIN = ("at_s", "ttc_below_s", "gap_below_m", "braking_began", "probability_ratio")


class Why(Schema):
    """The risk the fault probes, and the public source that names it."""

    risk: Annotated[str, Field(min_length=1)]
    source: Annotated[str, Field(min_length=1)]


class TriggerSpec(Schema):
    """When the fault begins: exactly one of an instant, a condition on the truth, or chance."""

    at_s: NotNegative | None = None
    ttc_below_s: Positive | None = None
    gap_below_m: Positive | None = None
    to: str | None = None
    braking_began: Literal[True] | None = None
    after_s: NotNegative | None = None
    probability_ratio: Ratio | None = None
    from_s: NotNegative | None = None
    to_s: NotNegative | None = None

    @model_validator(mode="after")
    def _one_way_to_begin(self) -> Self:
        given = [key for key in _WAYS_TO_BEGIN if getattr(self, key) is not None]
        if len(given) != 1:
            raise ValueError(f"give exactly one of {', '.join(_WAYS_TO_BEGIN)}; given: {', '.join(given) or 'none'}")
        self._companions("to", given[0] in ("ttc_below_s", "gap_below_m"), needed=False)
        self._companions("after_s", given[0] == "braking_began", needed=False)
        for key in ("from_s", "to_s"):
            self._companions(key, given[0] == "probability_ratio", needed=True)
        if self.from_s is not None and self.to_s is not None and self.from_s > self.to_s:
            raise ValueError("from_s must not be after to_s")
        return self

    def _companions(self, key: str, fits: bool, needed: bool) -> None:
        present = getattr(self, key) is not None
        if present and not fits:
            raise ValueError(f"{key} has no meaning here; drop it")
        if fits and needed and not present:
            raise ValueError(f"{key} is missing; probability_ratio needs from_s and to_s")

    def trigger(self) -> Trigger:
        """The frozen trigger."""
        target = self.to or NEAREST_AHEAD
        if self.at_s is not None:
            return InstantTrigger(at=ns_from_s(self.at_s))
        if self.ttc_below_s is not None:
            return ConditionTrigger(condition=TimeToCollisionBelow(ttc_s=self.ttc_below_s, target=target))
        if self.gap_below_m is not None:
            return ConditionTrigger(condition=GapBelow(gap_m=self.gap_below_m, target=target))
        if self.braking_began is not None:
            return ConditionTrigger(condition=BrakingFor(after_ns=ns_from_s(self.after_s or 0.0)))
        assert self.probability_ratio is not None and self.from_s is not None and self.to_s is not None
        return ChanceTrigger(
            probability_ratio=self.probability_ratio, from_at=ns_from_s(self.from_s), to_at=ns_from_s(self.to_s)
        )


class ExpectsSpec(Schema):
    """What counts as right: one of the diagnoses (none: to be tolerated), one of the modes, back again or not."""

    diagnoses: Annotated[tuple[Annotated[Diagnosis, Field(strict=False)], ...], Field(strict=False)]
    modes: Annotated[tuple[Annotated[Mode, Field(strict=False)], ...], Field(strict=False, min_length=1)]
    recovers: bool

    def expectation(self) -> Expectation:
        """The frozen value."""
        return Expectation(diagnoses=self.diagnoses, modes=self.modes, recovers=self.recovers)


class FaultSpec(Schema):
    """A fault file."""

    title: Annotated[str, Field(min_length=1)]
    why: Why
    taxonomy: str
    trigger: TriggerSpec
    duration_s: Annotated[float, Field(gt=0.0, le=s_from_ns(LONGEST_NS))] | Literal["forever"]
    effect: AnyEffect
    expects: ExpectsSpec

    @field_validator("taxonomy")
    @classmethod
    def _known(cls, taxonomy_id: str) -> str:
        if taxonomy_id not in TAXONOMY:
            raise ValueError(f"no such taxonomy id{_nearest(taxonomy_id, tuple(TAXONOMY))}")
        return taxonomy_id

    @property
    def duration_ns(self) -> int:
        """How long the window stays open."""
        return FOREVER_NS if isinstance(self.duration_s, str) else ns_from_s(self.duration_s)


def fault_from(spec: FaultSpec, name: str) -> LocatedFault:
    """The frozen fault of a file's effect; `name` is the file's stem."""
    return spec.effect.fault(name)


def planned_from(spec: FaultSpec, name: str) -> PlannedFault:
    """The fault with trigger, duration and expectation, as a plan takes it."""
    return PlannedFault(
        fault=fault_from(spec, name),
        trigger=spec.trigger.trigger(),
        duration_ns=spec.duration_ns,
        taxonomy_id=spec.taxonomy,
        expects=spec.expects.expectation(),
    )


def spec_from(data: Any, locate: Callable[[Path], str]) -> FaultSpec:
    """The validated file; `InputError` with every finding otherwise.

    `locate` says where a key path of the document stands, as `file:line:col`.
    """
    try:
        return FaultSpec.model_validate(data)
    except ValidationError as error:
        problems: dict[Path, list[str]] = {}
        emptied: set[Path] = set()
        for one in error.errors(include_url=False):
            path = key_path(one["loc"], data, missing=one["type"] == "missing")
            problems.setdefault(path, []).append(_problem(one, path, data))
            emptied |= {path} if one["type"] == "too_short" else set()
        for path in emptied:  # a list is no longer too short once its bad items are mended
            if any(other[:-1] == path for other in problems if other):
                del problems[path]
        raise InputError(
            tuple(
                Finding(where=locate(path), field=".".join(map(str, path)) or "fault", problem="; or ".join(said))
                for path, said in problems.items()
            )
        ) from error


def key_path(location: tuple[str | int, ...], data: Any, *, missing: bool) -> Path:
    """The path of keys in the document, without the union tags that the validator adds."""
    path: list[str | int] = []
    node = data
    for number, part in enumerate(location):
        inside = (isinstance(node, Mapping) and part in node) or (isinstance(node, list) and isinstance(part, int))
        if inside:
            node = node[part]
            path.append(part)
        elif missing and number == len(location) - 1:
            path.append(part)
    return tuple(path)


def _problem(error: Any, path: Path, data: Any) -> str:
    """What is wrong and, where a name is near, what was probably meant."""
    if error["type"] == "extra_forbidden":
        return f"unknown key{_nearest(str(path[-1]), _keys_at(path[:-1], data))}"
    if error["type"] == "union_tag_invalid" and error["ctx"]["discriminator"] == "'kind'" and path == ("effect",):
        tag = str(error["ctx"]["tag"])
        return f"unknown kind {tag!r}{_nearest(tag, KINDS)}; kinds: {', '.join(KINDS)}"
    if error["type"] == "enum" and isinstance(error["input"], bool):
        return f"{error['msg']}; YAML reads a bare on or off as true or false: put it in quotes"
    return str(error["msg"]).removeprefix("Value error, ")


def _nearest(name: str, known: tuple[str, ...]) -> str:
    near = get_close_matches(name, known, n=1)
    return f"; did you mean {near[0]}?" if near else ""


def _keys_at(path: Path, data: Any) -> tuple[str, ...]:
    """The keys the schema knows at a path of the document."""
    if path == ("effect",):
        kind = data["effect"].get("kind")
        meant = [effect for effect in EFFECTS if kind in get_args(effect.model_fields["kind"].annotation)]
        return tuple(dict.fromkeys(key for effect in meant for key in effect.model_fields))
    models: dict[Path, type[BaseModel]] = {(): FaultSpec, ("why",): Why, ("trigger",): TriggerSpec}
    models[("expects",)] = ExpectsSpec
    return tuple(models[path].model_fields) if path in models else ()

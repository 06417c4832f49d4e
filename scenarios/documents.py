"""YAML files read strictly: every finding at once, each as `file:line:col: field: problem`.

A document is one mapping of plain values. Refused, with their position: duplicate and unknown keys
(with the nearest known name), empty values, anchors and aliases, foreign tags, numbers that YAML
would read in base 8 or 60, and whatever the schema refuses. Nothing is ever accepted in part.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, TypeVar

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from stack.vocabulary import Finding, InputError

Loc = tuple[str | int, ...]
M = TypeVar("M", bound=BaseModel)

OVERRIDE = "--set"
LISTED_MAX = 32  # more known names than these are not listed
DEPTH_MAX = 32  # nesting no hand-written document reaches; protects the recursive parser behind it

_PLAIN_TAGS = {f"tag:yaml.org,2002:{kind}" for kind in ("str", "int", "float", "bool", "timestamp")}
_NULL_TAG = "tag:yaml.org,2002:null"
_TEXT_TAGS = {"tag:yaml.org,2002:str", "tag:yaml.org,2002:timestamp"}
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _refuse_bool(value: object) -> object:
    """Truth values are no numbers, whatever Python thinks."""
    if isinstance(value, bool):
        raise ValueError("must be a number")
    return value


Number = Annotated[float, BeforeValidator(_refuse_bool)]
Positive = Annotated[Number, Field(gt=0.0)]
NonNegative = Annotated[Number, Field(ge=0.0)]
Share = Annotated[Number, Field(ge=0.0, le=1.0)]
Text = Annotated[str, Field(min_length=1)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class Section(BaseModel):
    """A mapping of a document: frozen, finite numbers only, unknown keys refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong at a place of the data; `Source.finding` turns the place into a position."""

    loc: Loc
    text: str


@dataclass(slots=True)
class Source:
    """One file as read: its data, where keys and values stand, and what was wrong with the YAML itself."""

    path: Path
    data: dict[str, Any] = field(default_factory=dict)
    marks: dict[Loc, tuple[int, int]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    overridden: set[Loc] = field(default_factory=set)
    refused: set[Loc] = field(default_factory=set)

    def where(self, loc: Loc) -> str:
        """`file:line:col` of the key at `loc`, or of the nearest enclosing one; `--set` if it was overridden."""
        for end in range(len(loc), -1, -1):
            if loc[:end] in self.overridden:
                return OVERRIDE
            if loc[:end] in self.marks:
                line, column = self.marks[loc[:end]]
                return f"{shown_path(self.path)}:{line}:{column}"
        return f"{shown_path(self.path)}:1:1"

    def finding(self, problem: Problem) -> Finding:
        """The problem with the position of its key."""
        return Finding(where=self.where(problem.loc), field=dotted(problem.loc), problem=problem.text)

    def add(self, loc: Loc, problem: str) -> None:
        """Note a finding at a place of the data."""
        self.findings.append(self.finding(Problem(loc, problem)))

    def all_findings(self, problems: Iterable[Problem] = ()) -> tuple[Finding, ...]:
        """Findings of the YAML and these problems, in the order of the file; the command line's come first."""
        found = {str(finding): finding for finding in [*self.findings, *map(self.finding, problems)]}
        return tuple(sorted(found.values(), key=_position))

    def override(self, key: str, value: object) -> None:
        """Set one value by its dotted key, as the command line gives it; list items go by name or index."""
        here: Any = self.data
        loc: Loc = ()
        parts = key.split(".")
        for index, part in enumerate(parts):
            step = _step_into(here, part)
            if step is None:
                self.findings.append(Finding(where=OVERRIDE, field=key, problem=_no_such_part(here, part, loc)))
                return
            loc = (*loc, step)
            if index == len(parts) - 1:
                here[step] = value
                self.overridden.add(loc)
            else:
                here = here.setdefault(step, {}) if isinstance(here, dict) else here[step]


def dotted(loc: Loc) -> str:
    """A place of the data as one readable field name."""
    return ".".join(str(part) for part in loc) or "document"


def shown_path(path: Path) -> str:
    """The path as a person would type it from here."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def nearest(name: object, known: Iterable[str]) -> str:
    """A suggestion such as "; did you mean 'speed_kmh'?", the whole list if it is short, or nothing."""
    names = sorted(set(known))
    close = get_close_matches(str(name), names, n=1, cutoff=0.6)
    if close:
        return f"; did you mean '{close[0]}'?"
    return f"; known: {', '.join(names)}" if 0 < len(names) <= LISTED_MAX else ""


def read_document(path: Path, model: type[M], overrides: Mapping[str, object] | None = None) -> M:
    """The document at `path` with overrides applied; raises `InputError` with every finding."""
    source = read_source(path)
    for key, value in (overrides or {}).items():
        source.override(key, value)
    value, problems = fitted(source, model)
    findings = source.all_findings(problems)
    if value is None or findings:
        raise InputError(findings)
    return value


def parse_assignments(assignments: Iterable[str]) -> dict[str, object]:
    """`key=value` texts of the command line as overrides; values are read as YAML would read them."""
    findings: list[Finding] = []
    values: dict[str, object] = {}
    for assignment in assignments:
        key, equals, text = assignment.partition("=")
        key = key.strip()
        if not key or not equals or not text.strip():
            findings.append(Finding(where=OVERRIDE, field=assignment, problem="write it as key=value"))
        elif key in values:
            findings.append(Finding(where=OVERRIDE, field=key, problem="given twice"))
        else:
            values[key] = _scalar_or_text(text.strip())
    if findings:
        raise InputError(tuple(findings))
    return values


def dump_json_schema(model: type[BaseModel]) -> str:
    """The schema of a document as JSON Schema text, for editors."""
    return json.dumps(model.model_json_schema(), indent=2, sort_keys=True) + "\n"


def read_source(path: Path) -> Source:
    """The plain data of a YAML file; what is wrong with the YAML is in its `findings`."""
    source = Source(path=path)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "is not UTF-8 text"
        source.add((), f"cannot be read: {reason}")
        return source
    try:
        if _depth(text) > DEPTH_MAX:
            source.add((), f"is nested more than {DEPTH_MAX} deep")
            return source
        loader = _Loader(text)
        node = loader.get_single_node()
    except yaml.YAMLError as error:
        source.findings.append(_syntax_finding(path, error))
        return source
    if not isinstance(node, yaml.MappingNode):
        source.add((), "must be a mapping of keys to values")
        return source
    source.data = _Walk(source, loader).mapping(node, ())
    return source


def fitted(source: Source, model: type[M]) -> tuple[M | None, list[Problem]]:
    """The data as a value of `model`, or every problem the schema has with it."""
    if not source.data and source.findings:
        return None, []
    try:
        return model.model_validate(source.data), []
    except ValidationError as error:
        schema = model.model_json_schema()
        details = [given for given in error.errors(include_url=False) if not _follows_from_items(given)]
        problems = [_problem(given, source.data, schema) for given in details]
        return None, [problem for problem in problems if problem.loc not in source.refused]


class _Walk:
    """From YAML nodes to plain data in one pass, noting positions and refusing what misleads."""

    def __init__(self, source: Source, loader: Any) -> None:  # noqa: ANN401 - PyYAML's loaders share no type
        self.source = source
        self.loader = loader
        self.seen: set[int] = set()

    def mapping(self, node: yaml.MappingNode, loc: Loc) -> dict[str, Any]:
        """A mapping; the first of two equal keys stands, the second is a finding."""
        data: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode) or key_node.tag not in _TEXT_TAGS:
                self._note(key_node, loc, "keys must be plain words")
                continue
            key = key_node.value
            if key in data:
                first = self.source.marks[(*loc, key)][0]
                self._note(key_node, (*loc, key), f"duplicate key, first given in line {first}")
                continue
            self.source.marks[(*loc, key)] = _mark(key_node)
            data[key] = self.value(value_node, (*loc, key))
        return data

    def value(self, node: yaml.Node, loc: Loc) -> Any:  # noqa: ANN401 - plain YAML data of any shape
        """Any node; what cannot be taken is a finding and stands as an empty text."""
        if id(node) in self.seen:  # the node's own mark is where the anchor stands
            self.source.refused.add(loc)
            self.source.add(loc, "anchors and aliases are not used here: write the value out")
            return ""
        self.seen.add(id(node))
        self.source.marks.setdefault(loc, _mark(node))
        if isinstance(node, yaml.MappingNode):
            return self.mapping(node, loc)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*loc, index)) for index, item in enumerate(node.value)]
        return self._scalar(node, loc)

    def _scalar(self, node: yaml.Node, loc: Loc) -> Any:  # noqa: ANN401 - a plain YAML scalar
        if node.tag == _NULL_TAG:
            return self._refuse(node, loc, "has no value")
        if node.tag not in _PLAIN_TAGS:
            return self._refuse(node, loc, f"the tag {node.tag} is not used here")
        if node.tag in _TEXT_TAGS:
            return node.value
        digits = node.value.lstrip("+-")
        if node.tag.endswith((":int", ":float")) and (":" in digits or (digits[0] == "0" and digits[1:2].isdigit())):
            return self._refuse(node, loc, f"'{node.value}' would be read in another base: write a plain number")
        return self.loader.construct_object(node)

    def _refuse(self, node: yaml.Node, loc: Loc, problem: str) -> str:
        """Note a value that cannot be taken; the schema's further complaints about it are not reported."""
        self.source.refused.add(loc)
        self._note(node, loc, problem)
        return ""

    def _note(self, node: yaml.Node, loc: Loc, problem: str) -> None:
        line, column = _mark(node)
        where = f"{shown_path(self.source.path)}:{line}:{column}"
        self.source.findings.append(Finding(where=where, field=dotted(loc), problem=problem))


def _mark(node: yaml.Node) -> tuple[int, int]:
    """Line and column of a node, counted from 1."""
    return node.start_mark.line + 1, node.start_mark.column + 1


def _position(finding: Finding) -> tuple[str, int, int]:
    """Where a finding stands, for sorting."""
    path, _, rest = finding.where.partition(":")
    line, _, column = rest.partition(":")
    return (path, int(line), int(column)) if line.isdigit() and column.isdigit() else ("", 0, 0)


def _depth(text: str) -> int:
    """How deep the nesting goes, found without recursion."""
    depth = deepest = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            deepest = max(deepest, depth)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
    return deepest


def _syntax_finding(path: Path, error: yaml.YAMLError) -> Finding:
    mark = getattr(error, "problem_mark", None)
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    reason = getattr(error, "problem", None) or getattr(error, "reason", None) or "cannot be parsed"
    return Finding(where=f"{shown_path(path)}:{line}:{column}", field="document", problem=f"not valid YAML: {reason}")


def _scalar_or_text(text: str) -> object:
    """A command-line value as YAML reads it, or the text itself if YAML does not."""
    try:
        value = yaml.safe_load(text)
    except yaml.YAMLError:
        return text
    return text if value is None else value


def _step_into(here: object, part: str) -> str | int | None:
    """The key or index that `part` names in a mapping or list of named items; None: nothing can be there."""
    if isinstance(here, dict):
        return part
    if isinstance(here, list):
        names = [item.get("name") if isinstance(item, dict) else None for item in here]
        if part in names:
            return names.index(part)
        if part.isdigit() and int(part) < len(here):
            return int(part)
    return None


def _no_such_part(here: object, part: str, loc: Loc) -> str:
    if isinstance(here, list):
        names = [str(item["name"]) for item in here if isinstance(item, dict) and "name" in item]
        return f"'{part}' is no item of {dotted(loc)}{nearest(part, names)}"
    return f"{dotted(loc)} has no parts"


def _problem(details: ErrorDetails, data: object, schema: dict[str, Any]) -> Problem:
    """One of pydantic's errors in our words, at the place of the data it means."""
    kind, loc = details["type"], details["loc"]
    place = _place(loc, data)
    got = "" if isinstance(details["input"], dict | list) else f" (got {details['input']!r})"
    if kind == "extra_forbidden":
        return Problem(place, f"unknown key{nearest(loc[-1], _known_names(schema, loc[:-1]))}")
    if kind == "missing":
        return Problem((*place, loc[-1]), "is missing")
    if kind in ("literal_error", "union_tag_invalid"):
        context = details.get("ctx", {})
        expected = str(context.get("expected", context.get("expected_tags", "")))
        names = [word.strip(" '") for word in expected.replace(" or ", ",").split(",")]
        given = context.get("tag", details["input"])
        return Problem(place, f"must be one of {', '.join(names)} (got {given!r}){_close_only(given, names)}")
    if kind == "union_tag_not_found":
        return Problem(place, f"needs the key {details.get('ctx', {}).get('discriminator', '')}")
    if kind == "string_pattern_mismatch":
        return Problem(place, f"must be lower-case words joined by _{got}")
    text = details["msg"].removeprefix("Value error, ").partition(", unable to parse")[0]
    return Problem(place, text.replace("Input should be", "must be", 1) + got)


def _follows_from_items(details: ErrorDetails) -> bool:
    """Whether a list only counts as too short because its items are themselves refused."""
    return details["type"] == "too_short" and isinstance(details["input"], list | dict) and bool(details["input"])


def _close_only(given: object, names: list[str]) -> str:
    close = get_close_matches(str(given), names, n=1, cutoff=0.6)
    return f"; did you mean '{close[0]}'?" if close else ""


def _place(loc: Loc, data: object) -> Loc:
    """The part of pydantic's location that exists in the data: tags of unions are left out."""
    place: Loc = ()
    for part in loc:
        known = part in data if isinstance(data, dict) else isinstance(data, list) and isinstance(part, int)
        if known:
            data = data[part]  # type: ignore[index]
            place = (*place, part)
    return place


def _known_names(schema: dict[str, Any], loc: Loc) -> set[str]:
    """The keys a schema allows at a location (which may hold tags of unions)."""
    nodes = [schema]
    for part in loc:
        nodes = [child for node in nodes for child in _children(_resolved(node, schema), part)]
    return {
        name for node in nodes for option in _options(_resolved(node, schema), schema) for name in option["properties"]
    }


def _resolved(node: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    reference = str(node.get("$ref", ""))
    return schema["$defs"][reference.rpartition("/")[2]] if reference else node


def _options(node: dict[str, Any], schema: dict[str, Any]) -> list[dict[str, Any]]:
    """The object schemas a node may stand for."""
    options = [_resolved(option, schema) for option in (*node.get("oneOf", ()), *node.get("anyOf", ()), node)]
    return [option for option in options if "properties" in option]


def _children(node: dict[str, Any], part: str | int) -> list[dict[str, Any]]:
    """Where one step of a location leads: an item, a property, or the branch a union's tag chooses."""
    if isinstance(part, int):
        return [node["items"]] if "items" in node else []
    if part in node.get("properties", {}):
        return [node["properties"][part]]
    branch = node.get("discriminator", {}).get("mapping", {}).get(part)
    return [{"$ref": branch}] if branch else [dict(option) for option in node.get("anyOf", ())]

"""What goes over the wire: definitions to clients, and the descriptions they send back, checked.

Definitions are tuples in wire order. A description names a blueprint and carries values of its
attributes; nothing in it is believed before it is checked.
"""

import re
from collections.abc import Sequence
from difflib import get_close_matches
from functools import lru_cache
from typing import Final, Protocol

from sim.blueprints.blueprint import Attribute, AttributeKind, Blueprint, Refused
from sim.blueprints.library import MAP_FAMILIES, UnknownBlueprint, blueprint, library
from sim.blueprints.own import fitted

INVALID: Final = "Spawn failed because of invalid actor description"  # programs look for this text
MOST_PIXELS: Final = 7680 * 4320  # own: 8K; one picture is then 133 MB on the wire
LONGEST_TEXT: Final = 1000  # own, characters of a value

WireAttribute = tuple[str, int, str, list[str], bool, bool]
WireDefinition = tuple[int, str, str, list[WireAttribute]]

_INTEGER: Final = re.compile(r"[+-]?\d{1,18}", re.ASCII)
_NUMBER: Final = re.compile(r"[+-]?(\d{1,30}\.?\d{0,60}|\.\d{1,60})([eE][+-]?\d{1,3})?", re.ASCII)
_COLOUR: Final = re.compile(r"(\d{1,3}),(\d{1,3}),(\d{1,3})", re.ASCII)


class Value(Protocol):
    """An attribute's value as a client sends it."""

    @property
    def id(self) -> str:
        """The attribute's name."""
        ...

    @property
    def kind(self) -> int:
        """CARLA's number of its type."""
        ...

    @property
    def value(self) -> str:
        """Its text."""
        ...


class Description(Protocol):
    """Which blueprint with which attributes: `sim.episode.structs.ActorDescription`."""

    @property
    def uid(self) -> int:
        """The blueprint's number."""
        ...

    @property
    def id(self) -> str:
        """The blueprint's id."""
        ...

    @property
    def attributes(self) -> Sequence[Value]:
        """Values, in any order."""
        ...


@lru_cache(maxsize=1)
def definitions() -> list[WireDefinition]:
    """All blueprints that a client may spawn, in wire order.

    (uid, id, tags, [(name, kind, value, recommended values, modifiable, restricted), ...]).
    """
    return [(one.uid, one.id, tags_of(one), [_wire(item) for item in one.attributes]) for one in listed()]


def listed() -> tuple[Blueprint, ...]:
    """The blueprints that clients see."""
    return tuple(one for one in library() if one.family not in MAP_FAMILIES)


def tags_of(one: Blueprint) -> str:
    """The blueprint's tags, or the words of its id, separated by commas."""
    return one.tags or one.id.replace(".", ",")


def _wire(one: Attribute) -> WireAttribute:
    return one.name, int(one.kind), one.value, list(one.recommended), one.modifiable, one.restricted


def checked(description: Description) -> tuple[Blueprint, dict[str, str]]:
    """The blueprint, its body made to these attributes, and all its attributes' values by name.

    Booleans come back as "true" or "false"; attributes that are not given have their defaults. Raises
    Refused with everything that is wrong and what to do.
    """
    found = _named(description)
    values, wrong = {one.name: one.value for one in found.attributes}, []
    known = {one.name: one for one in found.attributes}
    given: set[str] = set()
    for item in description.attributes:
        attribute = known.get(item.id)
        if attribute is None:
            near = get_close_matches(item.id, known, n=1)
            wrong.append(f"there is no attribute {_short(item.id)}" + (f"; did you mean {near[0]!r}?" if near else ""))
        elif item.id in given:
            wrong.append(f"attribute {item.id!r} is given twice")
        else:
            given.add(item.id)
            values[item.id] = _value(attribute, item, wrong)
    if not wrong:
        wrong += _together(values)
    if wrong:
        raise Refused(f"{INVALID}: {found.id}: {'; '.join(wrong[:5])}")
    return fitted(found, values), values


def _named(description: Description) -> Blueprint:
    try:
        found = blueprint(description.id)
    except UnknownBlueprint as error:
        raise Refused(f"{INVALID}: {_short(str(error))}") from error
    if found.family in MAP_FAMILIES:
        raise Refused(f"{INVALID}: {found.id} belongs to the map and cannot be spawned")
    if description.uid != found.uid:
        raise Refused(
            f"{INVALID}: {found.id} has uid {found.uid}, not {description.uid}; take it from this server's library"
        )
    return found


def _value(attribute: Attribute, item: Value, wrong: list[str]) -> str:
    """The value in its usual form; what is wrong with it goes to the list."""
    problem, text = None, _plain(attribute.kind, item.value)
    if item.kind != attribute.kind:
        problem = f"has type {attribute.kind.name.lower()} ({int(attribute.kind)}), not {item.kind}"
    elif len(text) > LONGEST_TEXT:
        problem = f"is longer than {LONGEST_TEXT} characters"
    elif not attribute.modifiable:
        problem = None if text == attribute.value else f"cannot be changed; it is {attribute.value!r}"
    else:
        problem = _misshapen(attribute, text) or _beyond(attribute, text)
    if problem is not None:
        wrong.append(f"{attribute.name} {problem}")
    return text


def _plain(kind: AttributeKind, text: str) -> str:
    """A text as we write values of its type. Programs also write '1, 2, 3', 'True' and '640.0' for a whole number."""
    if kind is AttributeKind.STRING:
        return text
    text = "".join(text.split()) if kind is AttributeKind.COLOUR else text.strip()
    if kind is AttributeKind.BOOL:
        return text.lower()
    if kind is AttributeKind.INT and len(text) < 20 and _NUMBER.fullmatch(text) and float(text).is_integer():
        return str(int(float(text)))
    return text


def _misshapen(attribute: Attribute, text: str) -> str | None:
    """Whether a text is no value of its type."""
    kind = attribute.kind
    if kind is AttributeKind.BOOL:
        return None if text in ("true", "false") else f"is {_short(text)}: give true or false"
    if kind is AttributeKind.INT:
        return None if _INTEGER.fullmatch(text) else f"is {_short(text)}: give a whole number"
    if kind is AttributeKind.FLOAT:
        return None if _NUMBER.fullmatch(text) else f"is {_short(text)}: give a number"
    if kind is AttributeKind.COLOUR:
        parts = _COLOUR.fullmatch(text)
        fits = parts is not None and all(int(part) <= 255 for part in parts.groups())
        return None if fits else f"is {_short(text)}: give a colour as 'r,g,b', each 0 to 255"
    return None if text.isprintable() else "holds characters that cannot be printed"


def _beyond(attribute: Attribute, text: str) -> str | None:
    """Whether a value is out of its bounds, or not one of those allowed."""
    if attribute.restricted and text not in attribute.recommended:
        return f"is {_short(text)}: give one of {', '.join(attribute.recommended)}"
    if attribute.limits is not None:
        low, high = attribute.limits
        if not low <= float(text) <= high:
            return f"is {_short(text)}: give {low:g} to {high:g}"
    return None


def _together(values: dict[str, str]) -> list[str]:
    """What is wrong with values that are right by themselves."""
    wrong = []
    if "image_size_x" in values:
        pixels = int(values["image_size_x"]) * int(values["image_size_y"])
        if pixels > MOST_PIXELS:
            wrong.append(f"image_size_x times image_size_y is {pixels}: give at most {MOST_PIXELS}")
    if "lower_fov" in values and float(values["lower_fov"]) > float(values["upper_fov"]):
        wrong.append(f"lower_fov {values['lower_fov']} is above upper_fov {values['upper_fov']}: change one of them")
    return wrong


def _short(text: str) -> str:
    shown = repr(text) if not text.startswith("there is no") else text
    return shown if len(shown) <= 120 else shown[:117] + "..."

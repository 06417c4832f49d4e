"""The fault library: one YAML file per fault, named subject and verb. The stem is the fault's name.

It only says which faults there are and hands out their text; reading YAML with line numbers and
validating it is for whoever asks.
"""

from difflib import get_close_matches
from importlib.resources import files
from importlib.resources.abc import Traversable

from stack.vocabulary import Finding, InputError

_SUFFIX = ".yaml"


def names() -> tuple[str, ...]:
    """Every fault in the library, in alphabetical order."""
    entries = (entry.name for entry in files(__name__).iterdir())
    return tuple(sorted(name.removesuffix(_SUFFIX) for name in entries if name.endswith(_SUFFIX)))


def path(name: str) -> Traversable:
    """The file of a fault; `InputError` with the nearest name if there is none."""
    known = names()
    if name not in known:
        near = get_close_matches(name, known, n=1)
        hint = f"; did you mean {near[0]}?" if near else f"; there are {', '.join(known)}"
        raise InputError((Finding(where="--fault", field=name, problem=f"no such fault in the library{hint}"),))
    return files(__name__).joinpath(name + _SUFFIX)


def text(name: str) -> str:
    """The YAML text of a fault file."""
    return path(name).read_text(encoding="utf-8")

"""Quick construction of frozen values, for the few that are made thousands of times in a run.

A frozen dataclass sets each field through `object.__setattr__`; making a message so costs more than
most of what is done with it. `maker` gives a function with the constructor's own signature that sets
the fields of an unfrozen twin of equal layout and hands it out as the frozen class. What comes out is
the same in every respect.
"""

from collections.abc import Callable
from dataclasses import MISSING, fields
from typing import Any, ParamSpec, TypeVar

_P = ParamSpec("_P")
_T = TypeVar("_T")


def maker(kind: Callable[_P, _T]) -> Callable[_P, _T]:
    """A quick constructor of a frozen, slotted, keyword-only dataclass that has no `__post_init__`."""
    frozen: Any = kind
    if hasattr(frozen, "__post_init__"):
        raise TypeError(f"{frozen.__name__} looks at its fields when it is made: it has no quick constructor")
    twin = type(f"_Open{frozen.__name__}", (), {"__slots__": frozen.__slots__})
    names: dict[str, Any] = {"new": object.__new__, "twin": twin, "frozen": frozen}
    parameters, body = [], ["made = new(twin)"]
    for field in fields(frozen):
        if field.default_factory is not MISSING:
            raise TypeError(f"{frozen.__name__}.{field.name} is made anew each time: it has no quick constructor")
        names[f"default_{field.name}"] = field.default
        parameters.append(field.name if field.default is MISSING else f"{field.name}=default_{field.name}")
        body.append(f"made.{field.name} = {field.name}")
    body += ["made.__class__ = frozen", "return made"]
    source = f"def make(*, {', '.join(parameters)}):\n    " + "\n    ".join(body)
    exec(source, names)  # noqa: S102 - source made above, of field names only
    make: Callable[_P, _T] = names["make"]
    return make

"""The gallery: one page that shows what the sensors see in every weather on every map, and what each fault does.

Prose and layout only; pictures come as data URLs or SVG text from whoever drew them.
"""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

_TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exhibit:
    """One picture, by its source or as SVG: its title, a line below it, and the command that makes it again.

    `beside` is the source of the same picture without what the exhibit is about; `severity` how much of it there is.
    """

    title: str
    says: str
    source: str = ""
    figure: str = ""
    beside: str = ""
    severity: str = ""
    command: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hall:
    """A section of the gallery."""

    anchor: str
    title: str
    says: str
    exhibits: tuple[Exhibit, ...] = ()


def render_gallery(halls: tuple[Hall, ...], created_on: str, code_version: str, fingerprint: str) -> str:
    """The page as text; it loads nothing from anywhere."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    shown = [_hall(hall) for hall in halls if hall.exhibits]
    page = environment.get_template("gallery.html.j2")
    return page.render(halls=shown, created_on=created_on, code_version=code_version, fingerprint=fingerprint)


def _hall(hall: Hall) -> dict[str, Any]:
    exhibits = [
        {field.name: getattr(one, field.name) for field in fields(one)} | {"figure": Markup(one.figure)}
        for one in hall.exhibits
    ]
    return {"anchor": hall.anchor, "title": hall.title, "says": hall.says, "exhibits": exhibits}

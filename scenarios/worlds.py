"""The worlds a run can be played in, by what is typed behind `--world`: the twin, or a CARLA server.

`twin` is the built-in one. `carla://HOST:PORT` is any CARLA 0.9.16 server, `faultline serve` or CARLA's
own; what it is (version, blueprints) goes into the run's key, where it is does not.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from typing import Any

from scenarios.keys import digest_of, plain
from scenarios.maps import FOLDER
from sim.carla_client.address import SCHEME, Address, address_of
from sim.carla_client.background import MOST_VEHICLES, MOST_WALKERS, Background
from sim.carla_client.cast import ego_role
from sim.carla_client.opening import Extras, open_carla_world
from sim.carla_client.remote import RemoteWire
from sim.carla_client.wire import ServerFacts, StreamOrder, Wire
from sim.carla_client.world import TICK_NS, CarlaWorld
from sim.layout import Layout
from sim.ports import World
from sim.twin.world import TwinWorld
from stack.vocabulary import Finding, InputError

TWIN = "twin"
# Settings of `Background`, and from what to what; shares of a whole, and metres.
BEHAVIOURS: dict[str, tuple[float, float]] = {
    "distance_m": (0.0, 100.0), "slower_ratio": (-2.0, 1.0), "ignores_lights_ratio": (0.0, 1.0),
    "changes_lanes": (0.0, 1.0), "runs_ratio": (0.0, 1.0), "crosses_ratio": (0.0, 1.0),
}  # fmt: skip
KINDS = f"{TWIN} or {SCHEME}://HOST:PORT"

connect: Callable[[Address], Wire] = RemoteWire


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldFacts:
    """What the key says of a world beside its map; all text."""

    kind: str
    entries: tuple[tuple[str, str], ...] = ()

    def document(self, map_name: str, map_digest: str) -> dict[str, str]:
        """The key's entry."""
        return {"kind": self.kind, "map": map_name, "map_digest": map_digest, **dict(self.entries)}


def kind_of_world(text: str) -> str:
    """`twin` or `carla`; raises `InputError` for anything else, an address that cannot be read included."""
    if text == TWIN:
        return TWIN
    if "://" not in text:
        problem = f"is no world; known: {KINDS}"
        raise InputError((Finding(where="--world", field=text, problem=problem),))
    address_of(text)
    return SCHEME


def background_of(vehicles: int, walkers: int, behaviour: tuple[str, ...]) -> Background:
    """What the command line asks of CARLA's traffic and walkers; raises InputError with all that is wrong."""
    defaults = asdict(Background())
    values: dict[str, float | bool] = {}
    findings = []
    for row in behaviour:
        key, _, text = row.partition("=")
        if key not in BEHAVIOURS:
            problem = f"no such setting; known: {', '.join(BEHAVIOURS)}"
        elif isinstance(defaults[key], bool):
            problem = "" if text in ("true", "false") else "write true or false"
            values[key] = text == "true"
        else:
            low, high = BEHAVIOURS[key]
            number = _number(text)
            problem = (
                "" if number is not None and low <= number <= high else f"must be a number from {low:g} to {high:g}"
            )
            values[key] = number or 0.0
        if problem:
            findings.append(Finding(where="--behaviour", field=row, problem=problem))
    if findings:
        raise InputError(tuple(findings))
    return replace(Background(vehicles=vehicles, walkers=walkers), **values)  # type: ignore[arg-type]


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def world_findings(text: str, background: Background) -> list[Finding]:
    """What is wrong with a world's name and the background asked for."""
    try:
        kind = kind_of_world(text)
    except InputError as refusal:
        return list(refusal.findings)
    findings = []
    for option, count, most in (
        ("--traffic", background.vehicles, MOST_VEHICLES),
        ("--walkers", background.walkers, MOST_WALKERS),
    ):
        if not 0 <= count <= most:
            findings.append(Finding(where=option, field=str(count), problem=f"must be from 0 to {most}"))
        elif count and kind == TWIN:
            problem = f"the twin has none of CARLA's; take --world {SCHEME}://HOST:PORT, or a scenario with traffic"
            findings.append(Finding(where=option, field=str(count), problem=problem))
    return findings


def world_facts(text: str, layout: Layout, background: Background, streams: tuple[StreamOrder, ...] = ()) -> WorldFacts:
    """What the key says of the world. Asks a CARLA server once per process; raises MissingPart without an answer."""
    if kind_of_world(text) == TWIN:
        return WorldFacts(kind=TWIN)
    facts = server_facts(address_of(text))
    role = ego_role(layout, facts)
    entries = [
        ("server", facts.server_version),
        ("library", facts.library_digest),
        ("ego", role.blueprint),
        ("tick_ns", str(TICK_NS)),
    ]
    if background.count:
        entries.append(("background", repr(background)))
    if streams:
        entries.append(("streams", digest_of(plain(streams))[:16]))
    return WorldFacts(kind=SCHEME, entries=tuple(entries))


@lru_cache(maxsize=8)
def server_facts(address: Address) -> ServerFacts:
    """What a server says of itself, asked once."""
    wire = connect(address)
    try:
        return wire.facts()
    finally:
        wire.close()


def open_world(text: str, layout: Layout, extras: Extras) -> World:
    """A fresh world at instant 0."""
    if kind_of_world(text) == TWIN:
        return TwinWorld(layout)
    xodr = (FOLDER / f"{layout.map_name}.xodr").read_text(encoding="utf-8")
    return open_carla_world(layout, connect(address_of(text)), xodr, extras)


def told_by(world: World) -> dict[str, Any]:
    """What a played world says of its own exactness; empty for the twin, which is exact."""
    return world.account().document() if isinstance(world, CarlaWorld) else {}

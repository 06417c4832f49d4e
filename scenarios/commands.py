"""The command that repeats a run, and requests as JSON documents for records and `repeat`."""

import re
import shlex
from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from scenarios.assembly import DEFAULT_PROFILE, STORED, RunRequest
from scenarios.rig_files import DEFAULT_RIG
from scenarios.worlds import TWIN
from sim.carla_client.background import EMPTY, Background
from stack.vocabulary import Protection


class StoredBackground(BaseModel):
    """CARLA's own traffic and walkers as a record holds them."""

    model_config = ConfigDict(extra="forbid", strict=True)

    vehicles: Annotated[int, Field(ge=0)]
    walkers: Annotated[int, Field(ge=0)]
    seed: int
    distance_m: float
    slower_ratio: float
    ignores_lights_ratio: float
    changes_lanes: bool
    runs_ratio: float
    crosses_ratio: float


class StoredRequest(BaseModel):
    """A request as a record holds it."""

    model_config = ConfigDict(extra="forbid", strict=True)

    scenario: str
    overrides: dict[str, str | int | float | bool]
    faults: list[str]
    seed: Annotated[int, Field(ge=0)]
    profile: str
    rig: str = DEFAULT_RIG
    stack: str
    protection: Annotated[str, Field(pattern="^(on|unprotected)$")]
    host: Annotated[str, Field(pattern="^(modelled|measured)$")]
    measured_factor: float
    world: str = TWIN
    background: StoredBackground | None = None
    carla_rig: str = ""


def run_stem(run_id: str, key_hash: str) -> str:
    """What the files of a run are named: run id and 8 digits of the key hash, without signs file systems dislike."""
    return f"{re.sub(r'[^A-Za-z0-9_+.=-]', '_', run_id)}-{key_hash[:8]}"


def command_of(request: RunRequest) -> str:
    """One line for the shell."""
    words = ["faultline", "run", request.scenario]
    for name in request.faults:
        words += ["--fault", name]
    words += ["--seed", str(request.seed)]
    if request.profile != DEFAULT_PROFILE:
        words += ["--profile", request.profile]
    if request.rig != DEFAULT_RIG:
        words += ["--rig", request.rig]
    if request.stack != "reference":
        words += ["--stack", request.stack]
    if request.protection is not Protection.ON:
        words += ["--unprotected"]
    for key in sorted(request.overrides):
        words += ["--set", f"{key}={request.overrides[key]}"]
    if request.host != "modelled":
        words += ["--host", "measured", "--factor", f"{request.measured_factor:g}"]
    words += world_words(request.world, request.background)
    return shlex.join([*words, *(("--carla-rig", request.carla_rig) if request.carla_rig else ())])


def world_words(world: str, background: Background) -> list[str]:
    """The options that name a world other than the twin."""
    words = ["--world", world] if world != TWIN else []
    words += ["--traffic", str(background.vehicles)] if background.vehicles else []
    words += ["--walkers", str(background.walkers)] if background.walkers else []
    for key, value in asdict(background).items():
        if key not in ("vehicles", "walkers", "seed") and value != asdict(EMPTY)[key]:
            words += ["--behaviour", f"{key}={str(value).lower() if isinstance(value, bool) else format(value, 'g')}"]
    return words


def suite_command(suite: str, row_id: str, request: RunRequest, extra: tuple[str, ...]) -> str:
    """One line for the shell that runs one row of a suite; `extra` holds options that changed the row."""
    return shlex.join(["faultline", "suite", suite, "--row", row_id, "--seed", str(request.seed), *extra])


def request_document(request: RunRequest) -> dict[str, Any]:
    """A request as plain JSON; stored costs stay beside it."""
    elsewhere: dict[str, Any] = {}
    if request.world != TWIN:
        elsewhere = {"world": request.world, "background": asdict(request.background), "carla_rig": request.carla_rig}
    return {
        "scenario": request.scenario,
        "overrides": dict(request.overrides),
        "faults": list(request.faults),
        "seed": request.seed,
        "profile": request.profile,
        "rig": request.rig,
        "stack": request.stack,
        "protection": request.protection.value,
        "host": request.host,
        "measured_factor": request.measured_factor,
        **elsewhere,
    }


def request_from(document: Mapping[str, Any], costs_ns: tuple[int, ...]) -> RunRequest:
    """The request of a record; one made on measured time is repeated with its stored costs."""
    return RunRequest(
        scenario=document["scenario"],
        overrides=document["overrides"],
        faults=tuple(document["faults"]),
        seed=document["seed"],
        profile=document["profile"],
        rig=document.get("rig", DEFAULT_RIG),
        stack=document["stack"],
        protection=Protection(document["protection"]),
        host=STORED if costs_ns else document["host"],
        measured_factor=document["measured_factor"],
        stored_costs_ns=costs_ns,
        world=document.get("world", TWIN),
        background=Background(**document["background"]) if document.get("background") else EMPTY,
        carla_rig=document.get("carla_rig", ""),
    )

"""What a run is a function of: its key, the hash of that key, and the platform beside it.

`key_hash` covers every resolved input and the code version; `pair_key` leaves out code version, stack
digest and bundle digest, so that a baseline and a candidate pair up. The platform fingerprint is not
part of any key: it says under which conditions hash equality is promised.
"""

import json
import platform
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from hashlib import blake2b
from importlib.metadata import PackageNotFoundError, distribution, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

ROOMS = ("analysis", "faults", "hil", "scenarios", "sim", "stack")
# What decides a record's bytes; drawing and reporting do not.
_VERSIONED = ("numpy", "numba", "llvmlite", "simpy", "pydantic", "pyyaml", "carla")


def canonical(value: Any) -> str:
    """One JSON text per value: sorted keys, no spaces, shortest exact floats."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def digest_of(value: Any) -> str:
    """Hash of a value's canonical JSON, 64 hex digits."""
    return blake2b(canonical(value).encode(), digest_size=32).hexdigest()


def plain(value: Any) -> Any:
    """A frozen value as plain JSON data; arrays by their bytes' digest."""
    if hasattr(value, "__dataclass_fields__"):
        inner = {name: plain(getattr(value, name)) for name in value.__dataclass_fields__}
        return {"is": type(value).__name__} | inner
    if isinstance(value, np.ndarray):
        return blake2b(np.ascontiguousarray(value).tobytes(), digest_size=8).hexdigest()
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json")
    if isinstance(value, np.generic):
        return value.item()
    return value.value if isinstance(value, Enum) else value


@lru_cache(maxsize=1)
def code_version() -> str:
    """Digest of the packaged sources of all six rooms: Python, YAML, maps. 16 hex digits."""
    root = Path(__file__).resolve().parent.parent
    return digest_of_files(path for room in ROOMS for path in (root / room).rglob("*") if _is_source(path))


def _is_source(path: Path) -> bool:
    suffixes = {".py", ".yaml", ".xodr", ".npz", ".j2"}
    return path.is_file() and path.suffix in suffixes and "__pycache__" not in path.parts


def digest_of_files(paths: Iterable[Path]) -> str:
    """Hash over the contents of files in order of their path; 16 hex digits."""
    total = blake2b(digest_size=8)
    for path in sorted(paths):
        total.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return total.hexdigest()


def stack_identity(entry_point: str, distribution_name: str) -> dict[str, str]:
    """A stack's entry point with version and digest of the distribution it comes from.

    The digest covers what was installed and the sources as they are now: in an editable installation
    the first says nothing of the second.
    """
    if distribution_name in ("", "faultline"):
        return {"entry_point": entry_point, "version": own_version(), "digest": code_version()}
    dist = distribution(distribution_name)
    recorded = dist.read_text("RECORD") or dist.read_text("PKG-INFO") or dist.version
    sources = digest_of_files(_sources_of(entry_point.partition(":")[0].partition(".")[0]))
    return {
        "entry_point": entry_point,
        "version": dist.version,
        "digest": blake2b((recorded + sources).encode(), digest_size=8).hexdigest(),
    }


def _sources_of(package: str) -> list[Path]:
    """The Python files of an importable top-level package or module; nothing is imported."""
    spec = find_spec(package)
    if spec is None:
        return []
    if spec.submodule_search_locations is not None:
        return [path for folder in spec.submodule_search_locations for path in Path(folder).rglob("*.py")]
    return [Path(spec.origin)] if spec.has_location and spec.origin else []


@lru_cache(maxsize=1)
def own_version() -> str:
    """Faultline's installed version."""
    try:
        return version("faultline")
    except PackageNotFoundError:
        return "not installed"


@lru_cache(maxsize=1)
def fingerprint() -> dict[str, str]:
    """The platform under which equal keys promise equal record hashes: CPU features, libc, versions."""
    from llvmlite import binding  # type: ignore[import-untyped]

    features = ",".join(sorted(name for name, on in binding.get_host_cpu_features().items() if on))
    libc = " ".join(platform.libc_ver())
    parts = {
        "machine": platform.machine(),
        "cpu": binding.get_host_cpu_name(),
        "cpu_features": blake2b(features.encode(), digest_size=4).hexdigest(),
        "libc": libc,
        "python": platform.python_version(),
    }
    for name in _VERSIONED:
        try:
            parts[name] = version(name)
        except PackageNotFoundError:
            parts[name] = "absent"
    parts["hash"] = digest_of(parts)[:8]
    return parts


@dataclass(frozen=True, slots=True, kw_only=True)
class RunKey:
    """All inputs of a run, resolved: plain JSON values only."""

    scenario: dict[str, Any]
    faults: tuple[dict[str, Any], ...]
    protection: str
    stack: dict[str, Any]
    host: dict[str, Any]
    seed: int
    world: dict[str, str]
    sensors: tuple[dict[str, Any], ...]
    bundle_digest: str
    code_version: str

    def document(self) -> dict[str, Any]:
        """The key as a JSON document."""
        return {
            "scenario": self.scenario,
            "faults": list(self.faults),
            "protection": self.protection,
            "stack": self.stack,
            "host": self.host,
            "seed": self.seed,
            "world": self.world,
            "sensors": list(self.sensors),
            "bundle_digest": self.bundle_digest,
            "code_version": self.code_version,
        }

    @property
    def key_hash(self) -> str:
        """Hash of everything."""
        return digest_of(self.document())

    @property
    def pair_key(self) -> str:
        """Hash of everything but code version, stack digest and bundle digest."""
        document = self.document()
        document.pop("code_version")
        document.pop("bundle_digest")
        document["stack"] = {"entry_point": self.stack["entry_point"]}
        return digest_of(document)

"""A device profile: what each stage demands and what the device supplies. Read from YAML.

Demand is work in milliseconds at full speed: a log-normal law given by median and 99th percentile, a
linear term per unit of declared content, and rare spikes. Supply is cores, an accelerator, a CPU
quota refilled at multiples of its period, and thermal phases that repeat.
"""

from importlib.resources import files
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, model_validator

PROFILE_FOLDER = Path(str(files("sim"))) / "profiles"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Spike(_Part):
    """A rare long run: its probability per job and what it adds."""

    share_ratio: float = Field(ge=0.0, le=1.0)
    extra_ms: float = Field(ge=0.0)


class Demand(_Part):
    """Work of one stage per job."""

    median_ms: float = Field(gt=0.0)
    p99_ms: float = Field(gt=0.0)
    per_content_ms: float = Field(default=0.0, ge=0.0)
    spike: Spike = Spike(share_ratio=0.0, extra_ms=0.0)

    @model_validator(mode="after")
    def _ordered(self) -> "Demand":
        if self.p99_ms < self.median_ms:
            raise ValueError("p99_ms must not be below median_ms")
        return self


class Quota(_Part):
    """CPU bandwidth: so much core time per period, refilled at multiples of the period."""

    budget_ms: float = Field(gt=0.0)
    period_ms: float = Field(gt=0.0)


class ThermalPhase(_Part):
    """How fast the cores run, and for how long, before the next phase."""

    name: str
    speed_ratio: float = Field(gt=0.0, le=1.0)
    duration_s: float = Field(gt=0.0)


class Supply(_Part):
    """What the device gives."""

    cores: int = Field(ge=1, le=64)
    accelerator: bool
    quota: Quota | None = None
    thermal: tuple[ThermalPhase, ...] = ()


class DeviceProfile(_Part):
    """One device. `restart_ms` is the time from a crash of the stack until it runs again."""

    title: str
    source: str
    stand_in: str = Field(description="what made these numbers, if not a measured device")
    supply: Supply
    restart_ms: float = Field(gt=0.0)
    demand: dict[str, Demand]

    @model_validator(mode="after")
    def _has_default(self) -> "DeviceProfile":
        if "default" not in self.demand:
            raise ValueError("demand needs a row `default` for stages it does not name")
        return self


def profile_names() -> tuple[str, ...]:
    """The profiles that ship with Faultline."""
    return tuple(sorted(path.stem for path in PROFILE_FOLDER.glob("*.yaml")))

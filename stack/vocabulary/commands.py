"""What actuation is told, and the end-to-end protection both ends of the wire agree on.

The checksum is CRC-8 with polynomial 0x1D over a data identifier, the raw demand and the counter,
after AUTOSAR E2E profile 1 (start and final exclusive-or 0x00; counter 0 to 14).
"""

from dataclasses import dataclass
from enum import Enum

DEMAND_STEP_MPS2 = 1.0 / 2048.0  # SAE J1939-71 external acceleration demand, SPN 2920
COUNTER_STATES = 15  # AUTOSAR E2E profile 1: 15 is never sent
_DATA_ID = 0x0123


def _crc_table() -> tuple[int, ...]:
    table = []
    for byte in range(256):
        crc = byte
        for _ in range(8):
            crc = ((crc << 1) ^ 0x1D) & 0xFF if crc & 0x80 else (crc << 1) & 0xFF
        table.append(crc)
    return tuple(table)


_CRC = _crc_table()


def demand_steps(demand_mps2: float) -> int:
    """The demand as it stands on the wire, in steps of 1/2048 m/s²."""
    return round(demand_mps2 / DEMAND_STEP_MPS2)


def request_checksum(raw_demand: int, counter: int) -> int:
    """Checksum over data identifier, demand and counter."""
    crc = 0
    for byte in (_DATA_ID & 0xFF, _DATA_ID >> 8, raw_demand & 0xFF, (raw_demand >> 8) & 0xFF, counter & 0x0F):
        crc = _CRC[crc ^ byte]
    return crc


@dataclass(frozen=True, slots=True, kw_only=True)
class BrakeRequest:
    """External brake request: deceleration demanded (0 = none), counter and checksum."""

    raw_demand: int
    counter: int
    checksum: int

    @property
    def demand_mps2(self) -> float:
        """Deceleration demanded, positive."""
        return self.raw_demand * DEMAND_STEP_MPS2


class WarningKind(Enum):
    """What the driver is told."""

    NONE = "none"
    FORWARD_COLLISION = "forward_collision"
    FOLLOWING_DISTANCE = "following_distance"
    SYSTEM_DEGRADED = "system_degraded"
    SYSTEM_OFF = "system_off"


@dataclass(frozen=True, slots=True, kw_only=True)
class DriverWarning:
    """A change of what the driver is shown and hears. Two modes: acoustic and optical."""

    kind: WarningKind
    reason: str

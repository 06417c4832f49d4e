"""How far the sensor models can be believed: every credibility row measured now and held to its cited figure."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sim.sensors import camera_credibility, credibility, lidar_credibility, navigation_credibility
from sim.sensors.credibility import CredibilityRow

TABLES: tuple[tuple[str, tuple[CredibilityRow, ...]], ...] = (
    ("radar and object camera", credibility.ROWS),
    ("pixel camera", camera_credibility.ROWS),
    ("lidar", lidar_credibility.ROWS),
    ("GNSS and inertial unit", navigation_credibility.ROWS),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Believed:
    """One row with what was measured."""

    sensor: str
    row: CredibilityRow
    measured: float

    @property
    def holds(self) -> bool:
        """Whether the model lies in the accepted band."""
        return self.row.low <= self.measured <= self.row.high

    @property
    def document(self) -> dict[str, Any]:
        """The row as plain JSON."""
        row = self.row
        return {
            "sensor": self.sensor, "quantity": row.quantity, "unit": row.unit, "measured": self.measured,
            "low": row.low, "high": row.high, "valid_from_m": row.valid_from_m, "valid_to_m": row.valid_to_m,
            "source": row.source, "holds": self.holds,
        }  # fmt: skip


def row_count() -> int:
    """How many rows there are."""
    return sum(len(rows) for _, rows in TABLES)


def believed(tell: Callable[[], None] = lambda: None) -> Iterator[Believed]:
    """Every row, measured one after the other."""
    for sensor, rows in TABLES:
        for row in rows:
            yield Believed(sensor=sensor, row=row, measured=row.measure())
            tell()


def told(one: Believed) -> str:
    """One line: verdict, quantity, measured beside its band, where it holds."""
    row = one.row
    mark = "HOLDS" if one.holds else "OFF"
    reach = f"  {row.valid_from_m:g} to {row.valid_to_m:g} m" if row.valid_to_m > row.valid_from_m else ""
    band = f"{one.measured:.4g} {row.unit}, accepted {row.low:.4g} to {row.high:.4g}"
    return f"{mark:<6}{one.sensor}: {row.quantity}  {band}{reach}\n      {row.source}"

"""A row of the sensor table: which class fills a topic, and when it samples and is heard.

A sample at k / rate + phase begins an exposure; what it shows was true at the exposure's midpoint
(the slot). It is published when exposure and read-out have ended and delivered a transport later.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn

from sim.attachments import Sensor
from stack.vocabulary import NS_PER_S, MissingPart, SimNs


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorRow:
    """One sensor of the set. `make` is called with (seed, roster, ...) and gives the sensor."""

    topic: str
    make: Callable[..., Sensor]
    rate_hz: float
    phase_ns: int
    exposure_ns: int
    readout_ns: int
    transport_ns: int

    @property
    def period_ns(self) -> int:
        """Time between two samples."""
        return round(NS_PER_S / self.rate_hz)

    def slot(self, index: int) -> SimNs:
        """When sample `index` (from 0) is true: its exposure's midpoint."""
        return SimNs(self.phase_ns + round(index * NS_PER_S / self.rate_hz) + self.exposure_ns // 2)

    def published_at(self, slot: SimNs) -> SimNs:
        """When the sample of a slot leaves the sensor."""
        return SimNs(slot + self.exposure_ns - self.exposure_ns // 2 + self.readout_ns)


def unplugged(topic: str) -> Callable[..., Sensor]:
    """What fills a socket no adapter has taken: it refuses to be made and says why."""

    def refuse(*_given: Any, **_named: Any) -> NoReturn:  # noqa: ANN401
        raise MissingPart(f"sensor '{topic}': no adapter fills this socket; take it out of the run's sensors")

    return refuse

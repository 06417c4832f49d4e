"""A row of the sensor table: which class fills a topic, and when it samples and is heard.

A sample at k / rate + phase begins an exposure; what it shows was true at the exposure's midpoint
(the slot). It is published when exposure and read-out have ended and delivered a transport later.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sim.attachments import Sensor
from stack.vocabulary import NS_PER_S, SimNs


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorRow:
    """One sensor of the set. `make` is called with (seed, roster, parameters, ...) and gives the sensor.

    `parameters` are its defaults, a frozen dataclass. With `needs_scenery` it is also given the
    scenery; raw sensors are given a name (their topic) and, where a rig has one, a mount as well.
    """

    topic: str
    make: Callable[..., Sensor]
    parameters: Any
    needs_scenery: bool
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

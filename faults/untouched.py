"""What every fault starts from: a frozen value that touches nothing.

A fault overrides the one attachment point it acts on; all others it hands back as they came, the
very same objects. `points` names where it acts, `total_loss` whether nothing at all gets past it
there: from these two the plan works out which fault of a combination masks which.

Points: `sensor:<topic>`, `channel:<topic>`, `costs:<stage>` (`costs:all` for every stage),
`brake_line`, `host`.
"""

from dataclasses import dataclass

from sim.attachments import BrakeLine, Sensor, Timer, Window
from sim.ports import Channel, CostSource, Host

ALL_STAGES = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Untouched:
    """A fault that acts nowhere; `name` is the fault file's stem."""

    name: str

    @property
    def points(self) -> tuple[str, ...]:
        """The attachment points this fault acts on."""
        return ()

    @property
    def total_loss(self) -> bool:
        """Whether nothing passes this fault at its points while its window is open."""
        return False

    def wrap_channel(self, topic: str, channel: Channel, window: Window, seed: int) -> Channel:
        """The same channel."""
        return channel

    def wrap_sensor(self, topic: str, sensor: Sensor, window: Window, seed: int) -> Sensor:
        """The same sensor."""
        return sensor

    def wrap_costs(self, costs: CostSource, window: Window, seed: int) -> CostSource:
        """The same cost source."""
        return costs

    def wrap_brake_line(self, line: BrakeLine, window: Window, seed: int) -> BrakeLine:
        """The same brake line."""
        return line

    def attach_host(self, host: Host, timer: Timer, window: Window) -> None:
        """Leave the host alone."""

"""Messages arrive more than once: the unintended repetition of ISO 26262-5 Annex D and AUTOSAR E2E."""

from dataclasses import dataclass

from faults.carriage import ChannelFault, FaultyChannel, later
from faults.chance import Chance, chance_of
from sim.attachments import Window
from sim.ports import Channel, Delivery
from stack.vocabulary import Message, SimNs


class _Repeating(FaultyChannel):
    def __init__(self, inner: Channel, window: Window, chance: Chance, fault: "Duplicate") -> None:
        super().__init__(inner, window)
        self._chance = chance
        self._fault = fault

    def disturb(self, message: Message) -> tuple[Delivery, ...]:
        """Let what it caused arrive again, if it is chosen."""
        deliveries = self.inner.carry(message)
        if not deliveries or self._chance.share(message.published_at) >= self._fault.repeat_ratio:
            return deliveries
        self.window.note_effect(message.published_at)
        copies = range(1, self._fault.copies + 1)
        spacing_ns = self._fault.spacing_ns
        return deliveries + tuple(
            later(delivery, SimNs(delivery.at + copy * spacing_ns)) for copy in copies for delivery in deliveries
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Duplicate(ChannelFault):
    """A message chosen with probability `repeat_ratio` arrives `copies` times more, `spacing_ns` apart."""

    repeat_ratio: float
    copies: int
    spacing_ns: int

    def around(self, inner: Channel, window: Window, seed: int) -> Channel:
        """A channel that repeats."""
        return _Repeating(inner, window, chance_of(seed, self.name, self.topic), self)

"""Messages come late: by a fixed time, or by one drawn for each message.

Messages published after the window are not held back: they may overtake the last late ones, as they
may overtake each other under jitter. Independent jitter as in Linux netem's uniform distribution.
"""

from dataclasses import dataclass

from faults.carriage import ChannelFault, FaultyChannel, later
from faults.chance import Chance, chance_of
from sim.attachments import Window
from sim.ports import Channel, Delivery
from stack.vocabulary import Message, SimNs


class _Late(FaultyChannel):
    def __init__(self, inner: Channel, window: Window, chance: Chance, delay_ns: int, jitter_ns: int) -> None:
        super().__init__(inner, window)
        self._chance = chance
        self._delay_ns = delay_ns
        self._jitter_ns = jitter_ns

    def disturb(self, message: Message) -> tuple[Delivery, ...]:
        """Let every delivery of it come later."""
        added_ns = self._delay_ns
        if self._jitter_ns:
            added_ns += round(self._chance.share(message.published_at) * self._jitter_ns)
        deliveries = self.inner.carry(message)
        if added_ns == 0 or not deliveries:
            return deliveries
        self.window.note_effect(message.published_at)
        return tuple(later(delivery, SimNs(delivery.at + added_ns)) for delivery in deliveries)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delay(ChannelFault):
    """Every message arrives `delay_ns` later than it would have."""

    delay_ns: int

    def around(self, inner: Channel, window: Window, seed: int) -> Channel:
        """A channel that is late by a fixed time."""
        return _Late(inner, window, chance_of(seed, self.name, self.topic), self.delay_ns, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Jitter(ChannelFault):
    """Every message arrives later by a time drawn evenly from [0, `jitter_ns`) for its slot."""

    jitter_ns: int

    def around(self, inner: Channel, window: Window, seed: int) -> Channel:
        """A channel that is late by a drawn time."""
        return _Late(inner, window, chance_of(seed, self.name, self.topic), 0, self.jitter_ns)

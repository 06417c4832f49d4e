"""Nothing arrives: a dead sensor, a cut cable, a bus that is off."""

from dataclasses import dataclass

from faults.carriage import ChannelFault, FaultyChannel
from sim.attachments import Window
from sim.ports import Channel, Delivery
from stack.vocabulary import Message


class _Silent(FaultyChannel):
    def disturb(self, message: Message) -> tuple[Delivery, ...]:
        """Lose it."""
        self.window.note_effect(message.published_at)
        return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Blackout(ChannelFault):
    """Every message published in the window is lost."""

    @property
    def total_loss(self) -> bool:
        """Nothing passes."""
        return True

    def around(self, inner: Channel, window: Window, seed: int) -> Channel:
        """A silent channel."""
        return _Silent(inner, window)

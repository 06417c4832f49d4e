"""Messages carry a wrong stamp: what they show was true at another instant than they say."""

from dataclasses import dataclass, replace

from faults.carriage import ChannelFault, FaultyChannel
from sim.attachments import Window
from sim.ports import Channel, Delivery
from stack.vocabulary import Message, SimNs


class _MisStamped(FaultyChannel):
    def __init__(self, inner: Channel, window: Window, offset_ns: int) -> None:
        super().__init__(inner, window)
        self._offset_ns = offset_ns

    def disturb(self, message: Message) -> tuple[Delivery, ...]:
        """Pass it on with its true-at moved; never before the run began."""
        at = SimNs(max(message.true_at + self._offset_ns, 0))
        deliveries = self.inner.carry(replace(message, true_at=at))
        if at != message.true_at and deliveries:
            self.window.note_effect(message.published_at)
        return deliveries


@dataclass(frozen=True, slots=True, kw_only=True)
class StampOffset(ChannelFault):
    """Every message says it was true `offset_ns` later than it was (negative: earlier)."""

    offset_ns: int

    def around(self, inner: Channel, window: Window, seed: int) -> Channel:
        """A channel whose messages are mis-stamped."""
        return _MisStamped(inner, window, self.offset_ns)

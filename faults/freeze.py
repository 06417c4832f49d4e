"""Old data under fresh stamps: a repeated frame buffer, a stuck register behind a live bus.

The failure openpilot met as a repeated camera frame (issue 20323 of its repository): sequence and
instants look healthy, only the content stands still.
"""

from dataclasses import dataclass, replace

from faults.carriage import ChannelFault, FaultyChannel
from sim.attachments import Window
from sim.ports import Channel, Delivery
from stack.vocabulary import Message


class _Frozen(FaultyChannel):
    def __init__(self, inner: Channel, window: Window) -> None:
        super().__init__(inner, window)
        self._held: Message | None = None

    def let_be(self, message: Message) -> tuple[Delivery, ...]:
        """Pass it on, and remember it as the last one before the onset."""
        self._held = message
        return self.inner.carry(message)

    def disturb(self, message: Message) -> tuple[Delivery, ...]:
        """Pass it on with the content of the last message before the onset (or the first ever)."""
        if self._held is None:
            self._held = message
        altered = self._held.payload != message.payload
        deliveries = self.inner.carry(replace(message, payload=self._held.payload))
        if altered and deliveries:
            self.window.note_effect(message.published_at)
        return deliveries


@dataclass(frozen=True, slots=True, kw_only=True)
class Freeze(ChannelFault):
    """Every message carries the payload of the last one before the onset; all its stamps are fresh."""

    def around(self, inner: Channel, window: Window, seed: int) -> Channel:
        """A channel whose content stands still."""
        return _Frozen(inner, window)

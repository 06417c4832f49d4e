"""What all channel faults share: which channel they sit on, and when they let messages be.

A message is touched if it is published while the window is open, in virtual time. A channel fault
counts a message as altered if it arrives otherwise than it would have (or not at all).
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace

from faults.untouched import Untouched
from sim.attachments import Window
from sim.ports import Channel, Delivery
from stack.vocabulary import Message, SimNs


class FaultyChannel(ABC):
    """A channel around another; subclasses say what becomes of a message published in the window."""

    def __init__(self, inner: Channel, window: Window) -> None:
        self.inner = inner
        self.window = window

    def carry(self, message: Message) -> tuple[Delivery, ...]:
        """As the inner channel, except for messages published while the window is open."""
        if self.window.active(message.published_at):
            return self.disturb(message)
        return self.let_be(message)

    def let_be(self, message: Message) -> tuple[Delivery, ...]:
        """What becomes of a message published outside the window."""
        return self.inner.carry(message)

    @abstractmethod
    def disturb(self, message: Message) -> tuple[Delivery, ...]:
        """What becomes of a message published in the window."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelFault(Untouched, ABC):
    """A fault on the channel of one topic."""

    topic: str

    @property
    def points(self) -> tuple[str, ...]:
        """The channel of its topic."""
        return (f"channel:{self.topic}",)

    def wrap_channel(self, topic: str, channel: Channel, window: Window, seed: int) -> Channel:
        """A faulty channel around this one if it carries the fault's topic."""
        return self.around(channel, window, seed) if topic == self.topic else channel

    @abstractmethod
    def around(self, inner: Channel, window: Window, seed: int) -> Channel:
        """The faulty channel around `inner`."""


def later(delivery: Delivery, at: SimNs) -> Delivery:
    """The same delivery at another instant, its message stamped accordingly."""
    return Delivery(at=at, message=replace(delivery.message, delivered_at=at))

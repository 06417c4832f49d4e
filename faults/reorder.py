"""Messages arrive in the wrong order: some are held back until the next one has passed them."""

from dataclasses import dataclass

from faults.carriage import ChannelFault, FaultyChannel, later
from faults.chance import Chance, chance_of
from sim.attachments import Window
from sim.ports import Channel, Delivery
from stack.vocabulary import Message, SimNs

BEHIND_NS = 1  # how long after the message that passed it a held one arrives


class _Shuffled(FaultyChannel):
    def __init__(self, inner: Channel, window: Window, chance: Chance, reorder_ratio: float) -> None:
        super().__init__(inner, window)
        self._chance = chance
        self._reorder_ratio = reorder_ratio
        self._held: tuple[Delivery, ...] = ()

    def let_be(self, message: Message) -> tuple[Delivery, ...]:
        """Pass it on, and behind it what was held in the window."""
        deliveries = self.inner.carry(message)
        if not self._held or not deliveries:
            return deliveries
        passed_at = max(delivery.at for delivery in deliveries)
        held, self._held = self._held, ()
        return deliveries + tuple(later(old, SimNs(max(old.at, passed_at + BEHIND_NS))) for old in held)

    def disturb(self, message: Message) -> tuple[Delivery, ...]:
        """Hold it back if it is chosen and none is held already."""
        chosen = self._chance.share(message.published_at) < self._reorder_ratio
        if self._held or not chosen:
            return self.let_be(message)
        self._held = self.inner.carry(message)
        if self._held:
            self.window.note_effect(message.published_at)
        return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reorder(ChannelFault):
    """A message is held with probability `reorder_ratio` and arrives just behind the next one delivered.

    A held message without a successor never arrives. The successor may be the first one after the window.
    """

    reorder_ratio: float

    def around(self, inner: Channel, window: Window, seed: int) -> Channel:
        """A channel that mixes up the order."""
        return _Shuffled(inner, window, chance_of(seed, self.name, self.topic), self.reorder_ratio)

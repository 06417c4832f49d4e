"""Single messages are lost, each on its own (random loss, as in Linux netem's `loss random`)."""

from dataclasses import dataclass

from faults.carriage import ChannelFault, FaultyChannel
from faults.chance import Chance, chance_of
from sim.attachments import Window
from sim.ports import Channel, Delivery
from stack.vocabulary import Message


class _Dropping(FaultyChannel):
    def __init__(self, inner: Channel, window: Window, chance: Chance, loss_ratio: float) -> None:
        super().__init__(inner, window)
        self._chance = chance
        self._loss_ratio = loss_ratio

    def disturb(self, message: Message) -> tuple[Delivery, ...]:
        """Lose it with the stated probability."""
        if self._chance.share(message.published_at) >= self._loss_ratio:
            return self.inner.carry(message)
        self.window.note_effect(message.published_at)
        return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop(ChannelFault):
    """Each message is lost with probability `loss_ratio`, independently of all others."""

    loss_ratio: float

    @property
    def total_loss(self) -> bool:
        """Whether every message is lost."""
        return self.loss_ratio >= 1.0

    def around(self, inner: Channel, window: Window, seed: int) -> Channel:
        """A channel that drops."""
        return _Dropping(inner, window, chance_of(seed, self.name, self.topic), self.loss_ratio)

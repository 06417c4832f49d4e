"""Messages are lost in bursts: the two-state model of Gilbert (1960) and Elliott (1963).

E. N. Gilbert, Capacity of a burst-noise channel, Bell System Technical Journal 39 (1960). The chain
is a property of the line, not of the traffic: it steps once every `SLOT_NS` of virtual time from the
start of the run, in and out of the window, whether or not a message passes. So its state at an
instant depends on seed, fault and instant alone, and other faults cannot shift it.
"""

from dataclasses import dataclass

from faults.carriage import ChannelFault, FaultyChannel
from faults.chance import Chance, chance_of
from sim.attachments import Window
from sim.ports import Channel, Delivery
from stack.vocabulary import NS_PER_MS, Message, SimNs

SLOT_NS = 10 * NS_PER_MS  # the loop's grid


class GilbertElliott:
    """The state of the line: good or bad, stepped through every slot up to the one asked for.

    `loss_ratio` is the long-run share of time in the bad state, `mean_burst_ns` its mean length.
    Instants must not fall.
    """

    def __init__(self, chance: Chance, loss_ratio: float, mean_burst_ns: int) -> None:
        self._chance = chance
        self._bad_to_good = min(SLOT_NS / mean_burst_ns, 1.0)
        self._good_to_bad = self._bad_to_good * loss_ratio / (1.0 - loss_ratio)
        self._slot = 0
        self._bad = chance.share(0) < loss_ratio  # stationary from the first slot on

    def bad(self, at: SimNs) -> bool:
        """Whether the line is bad at this instant."""
        while self._slot < at // SLOT_NS:
            self._slot += 1
            share = self._chance.share(self._slot)
            self._bad = share >= self._bad_to_good if self._bad else share < self._good_to_bad
        return self._bad


class _Bursty(FaultyChannel):
    def __init__(self, inner: Channel, window: Window, line: GilbertElliott) -> None:
        super().__init__(inner, window)
        self._line = line

    def disturb(self, message: Message) -> tuple[Delivery, ...]:
        """Lose it if the line is bad now."""
        if not self._line.bad(message.published_at):
            return self.inner.carry(message)
        self.window.note_effect(message.published_at)
        return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BurstLoss(ChannelFault):
    """All messages are lost while the line is bad: `loss_ratio` of the time, in bursts of a mean length.

    `loss_ratio` is below 1, and small enough for the mean burst: loss / (1 - loss) <= burst / slot.
    """

    loss_ratio: float
    mean_burst_ns: int

    def around(self, inner: Channel, window: Window, seed: int) -> Channel:
        """A channel that loses in bursts."""
        line = GilbertElliott(chance_of(seed, self.name, self.topic), self.loss_ratio, self.mean_burst_ns)
        return _Bursty(inner, window, line)

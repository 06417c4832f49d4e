"""The perfect channel: one delivery per message, unchanged, after a fixed transport delay."""

from dataclasses import dataclass

from sim.ports import Delivery
from stack.vocabulary import Message, SimNs
from stack.vocabulary.construction import maker

_delivery, _message = maker(Delivery), maker(Message)


@dataclass(frozen=True, slots=True)
class PerfectChannel:
    """Carries every message once; `transport_ns` is the time on the wire."""

    transport_ns: int

    def carry(self, message: Message) -> tuple[Delivery, ...]:
        """One delivery, `transport_ns` after publication."""
        at = SimNs(message.published_at + self.transport_ns)
        return (_delivery(at=at, message=delivered(message, at)),)


def delivered(message: Message, at: SimNs) -> Message:
    """The same message as it arrives at `at`."""
    if message.delivered_at == at:
        return message
    return _message(
        topic=message.topic,
        sequence=message.sequence,
        true_at=message.true_at,
        published_at=message.published_at,
        delivered_at=at,
        payload=message.payload,
        ledger=message.ledger,
    )

"""The running account of one topic: which sequence numbers came, what the content was, and the counts.

Numbers already seen are kept as a window of bits, as anti-replay windows do (RFC 4303, 3.4.3): a
number that comes late is told apart from one that comes twice. A number missing when a higher one
arrives counts as lost for good; if it arrives after all it also counts as disordered.
"""

from typing import Any, NamedTuple

WINDOW = 64  # sequence numbers remembered below the highest
_MASK = (1 << WINDOW) - 1


# How a sequence number relates to those already seen; plain words, because they are compared often.
IN_ORDER = "in order"
LATE = "older than one already seen"
REPEATED = "sequence number repeated"
STALE = "sequence number far behind"


class Book(NamedTuple):
    """What is remembered of one topic. `highest` is -1 before the first message.

    `seen` has bit i set if number `highest - i` came. `content` is the last message's payload and
    `believed` the last accepted one, true at `believed_at`.
    """

    highest: int = -1
    seen: int = 0
    newest_true_at: int = -1
    content: Any = None
    believed: Any = None
    believed_at: int = -1
    repeats: int = 0
    accepted: int = 0
    lost: int = 0
    refused: int = 0
    disordered: int = 0


def arrival(book: Book, sequence: int, true_at: int) -> tuple[str, int, int, int]:
    """How a number arrives, and the next `highest`, `seen` and count of newly missing numbers.

    A number far behind with content newer than all before means that the sender began to count
    anew; one far ahead counts at most a window of losses, so that one corrupted number cannot deafen
    the topic.
    """
    if book.highest < 0:
        return IN_ORDER, sequence, 1, 0
    ahead = sequence - book.highest
    if ahead == 1:
        return IN_ORDER, sequence, (book.seen << 1 | 1) & _MASK, 0
    if ahead > 0:
        if ahead > WINDOW:
            return IN_ORDER, sequence, 1, WINDOW
        return IN_ORDER, sequence, (book.seen << ahead | 1) & _MASK, ahead - 1
    behind = -ahead
    if behind >= WINDOW:
        if true_at > book.newest_true_at:
            return IN_ORDER, sequence, 1, 0
        return STALE, book.highest, book.seen, 0
    if book.seen >> behind & 1:
        return REPEATED, book.highest, book.seen, 0
    return LATE, book.highest, book.seen | 1 << behind, 0

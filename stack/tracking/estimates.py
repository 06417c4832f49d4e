"""What tracking keeps of one road user: the filter's belief, its class votes, and who supported it when.

Recent support is counted in slots of 50 ms: bit i of a sensor's bits says that it supported the track
in the slot i before its newest support. The window is ten slots, half a second; the count at an
instant is therefore at most ten, and at a steady 20 Hz ten less the data's latency in slots.
"""

from typing import NamedTuple

from stack.tracking.kalman import Belief
from stack.vocabulary import NS_PER_MS, ObjectClass, SimNs

SLOT_NS = 50 * NS_PER_MS
WINDOW_SLOTS = 10
_MASK = (1 << WINDOW_SLOTS) - 1
NEVER = SimNs(-1)
NEW_QUALITY = 0.3
VOTE_DECAY = 0.9  # a vote counts half after seven frames, so a class changes within about half a second
VOTE_MIN = 0.5  # less than this says nothing about the class
UNSEEN_WIDTH_M = 0.6  # width assumed until something measured it

Votes = tuple[float, float, float]  # vehicle, cyclist, pedestrian
NO_VOTES: Votes = (0.0, 0.0, 0.0)
# Makes a NamedTuple of all its fields in order, without the constructor written in Python: many are made per cycle.
quick = tuple.__new__


class Estimate(NamedTuple):
    """One road user. `supports` counts since birth; `quality` follows the share of chances taken."""

    track_id: int
    belief: Belief
    width_m: float
    votes: Votes
    object_class: ObjectClass
    first_seen_at: SimNs
    camera_at: SimNs
    radar_at: SimNs
    camera_bits: int
    radar_bits: int
    supports: int
    quality: float


def bits_with(bits: int, newest_at: int, at: int) -> int:
    """The support bits after one more support at `at`."""
    if newest_at < 0:
        return 1
    ahead = at // SLOT_NS - newest_at // SLOT_NS
    if ahead >= 0:
        return (bits << ahead | 1) & _MASK if ahead < WINDOW_SLOTS else 1
    return (bits | 1 << -ahead) & _MASK if -ahead < WINDOW_SLOTS else bits


def hits(bits: int, newest_at: int, now: int) -> int:
    """Supported slots within the window that ends at `now`."""
    if newest_at < 0:
        return 0
    ahead = now // SLOT_NS - newest_at // SLOT_NS
    if ahead <= 0:
        return bits.bit_count()
    return (bits << ahead & _MASK).bit_count() if ahead < WINDOW_SLOTS else 0


def voted(votes: Votes, seen: ObjectClass, confidence: float) -> Votes:
    """The votes after one more look; a look that names no class changes none."""
    if seen is ObjectClass.UNKNOWN:
        return votes
    vehicle, cyclist, pedestrian = VOTE_DECAY * votes[0], VOTE_DECAY * votes[1], VOTE_DECAY * votes[2]
    if seen is ObjectClass.VEHICLE:
        return vehicle + confidence, cyclist, pedestrian
    if seen is ObjectClass.PEDESTRIAN:
        return vehicle, cyclist, pedestrian + confidence
    return vehicle, cyclist + confidence, pedestrian


def elected(votes: Votes) -> ObjectClass:
    """The class with most votes; a tie goes to the more vulnerable."""
    vehicle, cyclist, pedestrian = votes
    if vehicle < VOTE_MIN and cyclist < VOTE_MIN and pedestrian < VOTE_MIN:
        return ObjectClass.UNKNOWN
    if pedestrian >= vehicle and pedestrian >= cyclist:
        return ObjectClass.PEDESTRIAN
    return ObjectClass.CYCLIST if cyclist >= vehicle else ObjectClass.VEHICLE


def is_vru(object_class: ObjectClass) -> bool:
    """Whether a class is a vulnerable road user."""
    return object_class is ObjectClass.PEDESTRIAN or object_class is ObjectClass.CYCLIST


def last_seen_at(estimate: Estimate) -> SimNs:
    """Instant of the newest support by either sensor."""
    return estimate.camera_at if estimate.camera_at > estimate.radar_at else estimate.radar_at


def missed(estimate: Estimate, gain: float) -> Estimate:
    """The estimate after a sensor that knew it looked and did not see it."""
    return quick(Estimate, (*estimate[:-1], estimate[-1] * (1.0 - gain)))

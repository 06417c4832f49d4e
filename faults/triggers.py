"""When a fault begins: at an instant, on a condition of the truth, or by chance.

Triggers are frozen values. Instants and chance are resolved before the run; conditions are looked at
at every grid instant, with what was seen before handed in and out as a value. The geometry here is
its own: distances are along the ego's heading, from its front edge to the nearest point of the other
outline, which holds on straights and in gentle curves. In tighter ones, name the actor.
"""

from dataclasses import dataclass
from math import cos, inf, sin

from faults.chance import Chance
from sim.attachments import NEVER
from sim.randomness import stream_key
from sim.truth import BRAKE, EGO, LATERAL_SPEED, ROAD_USER_KINDS, SPEED, YAW, TruthFrame
from stack.vocabulary import NS_PER_S, SimNs, local_from_world, world_from_local

NEAREST_AHEAD = "nearest_ahead"
NOT_YET = SimNs(-1)


@dataclass(frozen=True, slots=True, kw_only=True)
class InstantTrigger:
    """Begins at a stated instant."""

    at: SimNs

    @property
    def kind(self) -> str:
        """As the record names it."""
        return "instant"

    def instant(self, seed: int, name: str) -> SimNs:
        """The onset, whatever the seed."""
        return self.at


@dataclass(frozen=True, slots=True, kw_only=True)
class ChanceTrigger:
    """Begins with probability `probability_ratio`, at an instant drawn evenly from [from, to).

    The draw comes from the stream `fault:<name>:onset`; NEVER if it does not begin in this run.
    """

    probability_ratio: float
    from_at: SimNs
    to_at: SimNs

    @property
    def kind(self) -> str:
        """As the record names it."""
        return "chance"

    def instant(self, seed: int, name: str) -> SimNs:
        """The onset in the run of this seed, or NEVER."""
        chance = Chance(stream_key(seed, f"fault:{name}:onset"), 0)
        if chance.share(0, 0) >= self.probability_ratio:
            return NEVER
        return SimNs(self.from_at + int(chance.share(0, 1) * (self.to_at - self.from_at)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a condition has seen so far: since when the ego's brakes have been on in one go."""

    braking_since: SimNs = NOT_YET

    def after(self, frame: TruthFrame) -> "Seen":
        """With one more frame seen."""
        if frame.state[EGO, BRAKE] <= 0.0:
            return Seen()
        return self if self.braking_since != NOT_YET else Seen(braking_since=frame.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Approach:
    """How an actor stands to the ego: free distance ahead (inf: not ahead) and closing speed along x."""

    gap_m: float
    closing_mps: float

    @property
    def ttc_s(self) -> float:
        """Time until the gap closes at the present speeds; inf if it does not."""
        if self.gap_m == inf or self.closing_mps <= 0.0:
            return inf
        return self.gap_m / self.closing_mps


def approach(frame: TruthFrame, row: int, in_path: bool) -> Approach:
    """How the actor in `row` stands to the ego; with `in_path`, only if it overlaps the ego's width."""
    ego, pose = frame.ego_frame(), frame.pose(row)
    half_length_m, half_width_m = (0.5 * frame.roster.size_m[row, :2]).tolist()
    corners = [
        local_from_world(ego, *world_from_local(pose, sx * half_length_m, sy * half_width_m))
        for sx in (-1.0, 1.0)
        for sy in (-1.0, 1.0)
    ]
    half_path_m = 0.5 * float(frame.roster.size_m[EGO, 1])
    beside = min(y for _x, y in corners) > half_path_m or max(y for _x, y in corners) < -half_path_m
    if max(x for x, _y in corners) <= 0.0 or (in_path and beside):
        return Approach(gap_m=inf, closing_mps=0.0)
    turn_rad = float(frame.state[row, YAW] - frame.state[EGO, YAW])
    speed_mps, lateral_mps = float(frame.state[row, SPEED]), float(frame.state[row, LATERAL_SPEED])
    along_mps = cos(turn_rad) * speed_mps - sin(turn_rad) * lateral_mps
    gap_m = max(min(x for x, _y in corners), 0.0)
    return Approach(gap_m=gap_m, closing_mps=float(frame.state[EGO, SPEED]) - along_mps)


def approach_to(frame: TruthFrame, target: str) -> Approach:
    """How the named actor, or the nearest road user ahead in the ego's path, stands to the ego."""
    names, kinds = frame.roster.names, frame.roster.kinds
    if target != NEAREST_AHEAD:
        return approach(frame, names.index(target), in_path=False)
    rows = [row for row in range(1, len(names)) if kinds[row] in ROAD_USER_KINDS]
    return min((approach(frame, row, in_path=True) for row in rows), key=lambda one: one.gap_m, default=_NOBODY)


_NOBODY = Approach(gap_m=inf, closing_mps=0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeToCollisionBelow:
    """Holds while the time to collision with the target is below the limit."""

    ttc_s: float
    target: str = NEAREST_AHEAD

    def holds(self, frame: TruthFrame, seen: Seen) -> bool:
        """Whether it holds now."""
        return approach_to(frame, self.target).ttc_s < self.ttc_s


@dataclass(frozen=True, slots=True, kw_only=True)
class GapBelow:
    """Holds while the free distance to the target is below the limit."""

    gap_m: float
    target: str = NEAREST_AHEAD

    def holds(self, frame: TruthFrame, seen: Seen) -> bool:
        """Whether it holds now."""
        return approach_to(frame, self.target).gap_m < self.gap_m


@dataclass(frozen=True, slots=True, kw_only=True)
class BrakingFor:
    """Holds once the ego's brakes have been on for so long (0: from the first instant)."""

    after_ns: int

    def holds(self, frame: TruthFrame, seen: Seen) -> bool:
        """Whether it holds now; `seen` includes this frame."""
        return seen.braking_since != NOT_YET and frame.at - seen.braking_since >= self.after_ns


Condition = TimeToCollisionBelow | GapBelow | BrakingFor


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionTrigger:
    """Begins at the first grid instant at which the condition holds."""

    condition: Condition

    @property
    def kind(self) -> str:
        """As the record names it."""
        return "condition"

    def instant(self, seed: int, name: str) -> SimNs:
        """NEVER: the run decides."""
        return NEVER

    def due(self, frame: TruthFrame, seen: Seen) -> bool:
        """Whether the fault begins at this frame; `seen` is what was seen up to and with it."""
        return self.condition.holds(frame, seen)


Trigger = InstantTrigger | ConditionTrigger | ChanceTrigger
FOREVER_NS = int(NEVER)  # a duration that outlasts every run
LONGEST_NS = 86_400 * NS_PER_S  # longest duration that is not forever: a day

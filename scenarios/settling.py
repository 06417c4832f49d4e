"""When a run has settled: the ego is at rest, or nothing it could still run into is left ahead.

Looks at the truth at grid instants. Ahead and near means: not yet passed and less than `_BESIDE_M` to
either side of the ego's heading line; things that line or span the road do not keep a run going.
"""

from math import cos

from sim.attachments import NEVER
from sim.layout import AtTime, Layout
from sim.truth import EGO, ROAD_USER_KINDS, SPEED, YAW, TruthFrame
from stack.vocabulary import NS_PER_MS, NS_PER_S, SimNs, local_from_world

_BESIDE_M = 8.0
_AT_REST_MPS = 0.02
_LOOKS_EVERY_NS = 100 * NS_PER_MS
_SHOWS_NS = 2 * NS_PER_S


def not_before(layout: Layout, functional_part_at: SimNs) -> SimNs:
    """The earliest instant at which a run may count as settled.

    By then the functional part has begun and the last timed manoeuvre has had time to show.
    """
    timed = [
        manoeuvre.trigger.at
        for actor in layout.actors
        for manoeuvre in actor.manoeuvres
        if isinstance(manoeuvre.trigger, AtTime)
    ]
    return SimNs(max([functional_part_at, *(at + _SHOWS_NS for at in timed)]))


class Settling:
    """Remembers since when the run has been settled."""

    def __init__(self, for_ns: int, not_before: SimNs) -> None:
        self._for_ns = for_ns
        self._not_before = not_before
        self._since = NEVER

    def __call__(self, frame: TruthFrame) -> bool:
        """Whether the run has been settled for long enough at this frame; looked at ten times a second."""
        if frame.at % _LOOKS_EVERY_NS:
            return False
        if frame.at < self._not_before or not self._quiet(frame):
            self._since = NEVER
            return False
        self._since = min(self._since, frame.at)
        return frame.at - self._since >= self._for_ns

    def _quiet(self, frame: TruthFrame) -> bool:
        ego_mps = float(frame.state[EGO, SPEED])
        if ego_mps <= _AT_REST_MPS:
            return True
        ego = frame.ego_frame()
        for row in range(1, len(frame.roster.kinds)):
            if frame.roster.kinds[row] not in ROAD_USER_KINDS:
                continue
            pose = frame.pose(row)
            x_m, y_m = local_from_world(ego, pose.x_m, pose.y_m)
            ahead = x_m > -0.5 * float(frame.roster.size_m[row, 0]) and abs(y_m) < _BESIDE_M
            along_mps = float(frame.state[row, SPEED]) * cos(float(frame.state[row, YAW]) - ego.yaw_rad)
            if ahead and along_mps < ego_mps - 0.1:
                return False
        return True

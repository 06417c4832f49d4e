"""The reference stack as a value: one table of stages, in the order data flow through them.

Times are in ms after release. A radar scan has 15 + 10 + 5 + 5 + 5 ms of budget on its way to a
command, a camera frame 40 in place of 15, behind 5 ms of ingest each. Smaller priority runs first:
what is nearest to the brakes. Queues are short, because old data are worth less than none; decision's
is longer, because it takes the host's events too.
"""

from typing import NamedTuple

import stack.actuation
import stack.decision
import stack.ingest
import stack.perception
import stack.risk
import stack.tracking
from stack.vocabulary import (
    NS_PER_MS,
    Briefing,
    Finding,
    InputError,
    Pipeline,
    Queue,
    QueuePolicy,
    Resource,
    StagePlan,
)

_OLDEST, _LATEST = QueuePolicy.DROP_OLDEST, QueuePolicy.LATEST_ONLY
_CPU, _ACCELERATOR = Resource.CPU, Resource.ACCELERATOR


class Line(NamedTuple):
    """One line of the table."""

    budget_ms: int
    watchdog_ms: int
    priority: int
    policy: QueuePolicy
    depth: int
    resource: Resource


TABLE: dict[str, Line] = {
    #                        budget  watchdog  priority  full queue  depth  computes on
    "ingest":           Line(     5,      150,        2, _OLDEST,        8, _CPU),
    "radar_processing": Line(    15,      150,        5, _OLDEST,        2, _CPU),
    "camera_objects":   Line(    40,      250,        6, _OLDEST,        2, _ACCELERATOR),
    "tracking":         Line(    10,      150,        4, _OLDEST,        4, _CPU),
    "risk":             Line(     5,      150,        3, _LATEST,        1, _CPU),
    "decision":         Line(     5,      150,        1, _OLDEST,       16, _CPU),
    "actuation":        Line(     5,      150,        0, _OLDEST,        4, _CPU),
}  # fmt: skip


def plan(stage: str) -> StagePlan:
    """A stage's line of the table as the plan its row is made with."""
    line = TABLE[stage]
    return StagePlan(
        budget_ns=line.budget_ms * NS_PER_MS,
        watchdog_ns=line.watchdog_ms * NS_PER_MS,
        priority=line.priority,
        queue=Queue(policy=line.policy, depth=line.depth),
        resource=line.resource,
    )


def reference_pipeline(briefing: Briefing) -> Pipeline:
    """The reference stack for a vehicle and its settings; settings of no stage are refused."""
    strangers = [key for key in sorted(briefing.settings) if key.partition(".")[0] not in TABLE]
    if strangers:
        problem = f"no such stage; known: {', '.join(TABLE)}"
        raise InputError(tuple(Finding(where="settings", field=key, problem=problem) for key in strangers))
    return (
        stack.ingest.row(briefing, plan("ingest")),
        *stack.perception.rows(briefing, plan("radar_processing"), plan("camera_objects")),
        stack.tracking.row(briefing, plan("tracking")),
        stack.risk.row(briefing, plan("risk")),
        stack.decision.row(briefing, plan("decision")),
        stack.actuation.row(briefing, plan("actuation")),
    )

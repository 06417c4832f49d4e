"""Everything that goes wrong, as wrappers around the attachment points of `sim.attachments`.

A fault is a frozen value; wrapping nothing is the identity. This room imports `sim` and the stack's
vocabulary; it never imports `hil`, `analysis` or `scenarios`, and the stack never knows it exists.
Its doors: this one for plans and fault files, `faults.library` for the files that ship,
`faults.taxonomy` for the id space.
"""

from faults.plan import Expectation, FaultPlan, LocatedFault, PlannedFault, Watch, skipped
from faults.specification import KINDS, FaultSpec, fault_from, planned_from, spec_from
from faults.triggers import ChanceTrigger, ConditionTrigger, InstantTrigger, Trigger
from sim.sensors import NeedsPixels

__all__ = [
    "ChanceTrigger",
    "ConditionTrigger",
    "Expectation",
    "FaultPlan",
    "FaultSpec",
    "InstantTrigger",
    "KINDS",
    "LocatedFault",
    "NeedsPixels",
    "PlannedFault",
    "Trigger",
    "Watch",
    "fault_from",
    "planned_from",
    "skipped",
    "spec_from",
]

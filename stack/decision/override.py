"""The driver's right to interrupt: a new positive act after the warning (UN R131 5.3).

A kick-down or an evasive steering movement counts when it begins after the system has warned; a
pedal that was down before does not. A braking driver agrees with us, and the brakes follow the
larger demand, so braking interrupts nothing; it takes over only from the minimal-risk reaction.
"""

from typing import NamedTuple

from stack.decision.thresholds import Thresholds
from stack.vocabulary import EgoMotion, Reading


class DriverActs(NamedTuple):
    """What the driver does now, and which acts began just now."""

    steering_or_kickdown: bool = False
    braking_hard: bool = False
    interrupts: bool = False
    takes_over: bool = False


def driver_acts(before: DriverActs, motion: EgoMotion, t: Thresholds) -> DriverActs:
    """The driver's acts after a look at the latest ego motion."""
    acting = (
        motion.accelerator_ratio >= t.override_accelerator_ratio
        or abs(motion.steering_rate_radps) >= t.override_steering_radps
    )
    braking = motion.brake_pedal_ratio >= t.handover_pedal_ratio
    if not (acting or braking):
        return NO_ACTS
    interrupts = acting and not before.steering_or_kickdown
    return DriverActs(acting, braking, interrupts, interrupts or (braking and not before.braking_hard))


NO_ACTS = DriverActs()


def act_readings(motion: EgoMotion) -> tuple[Reading, ...]:
    """What was seen of the driver."""
    return (
        Reading(name="accelerator", value=motion.accelerator_ratio, unit="ratio"),
        Reading(name="steering rate", value=motion.steering_rate_radps, unit="rad/s"),
        Reading(name="brake pedal", value=motion.brake_pedal_ratio, unit="ratio"),
    )

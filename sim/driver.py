"""The driver in the loop: what a person does with a warning. Kinds: robot, attentive, distracted.

The protocol robot holds its speed and never reacts (UN R131 section 6: no change of the controls during
the functional part). A person reacts to a forward-collision warning by releasing the accelerator and
braking, and to a degraded or switched-off system by releasing the accelerator, each after a reaction
time. Reaction times: 0.75 s is the competent driver of UN R157; surprised drivers take about 1.5 s
(Green 2000, "How long does it take to stop?", Transportation Human Factors 2); 2.5 s is the design value
of AASHTO for stopping sight distance and stands for distraction.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sim.clock import Clock, Order
from sim.layout import DriverControl
from sim.recording import DriverAct
from stack.vocabulary import DriverWarning, SimNs, WarningKind, ns_from_s

RELEASED = -1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DriverKind:
    """How a driver reacts: after how long, and how hard. `reacts` False is the protocol robot."""

    name: str
    reacts: bool
    reaction_s: float
    braking_mps2: float


DRIVERS = {
    "robot": DriverKind(name="robot", reacts=False, reaction_s=0.0, braking_mps2=0.0),
    "attentive": DriverKind(name="attentive", reacts=True, reaction_s=1.5, braking_mps2=4.0),
    "distracted": DriverKind(name="distracted", reacts=True, reaction_s=2.5, braking_mps2=4.0),
}


class Driver:
    """One driver during one run."""

    def __init__(
        self,
        *,
        clock: Clock,
        kind: DriverKind,
        hold_speed_mps: float,
        apply: Callable[[DriverControl, SimNs], SimNs],
        note: Callable[[DriverAct], None],
    ) -> None:
        self._clock = clock
        self._kind = kind
        self._apply = apply
        self._note = note
        self._control = DriverControl(hold_speed_mps=hold_speed_mps, pedal_mps2=0.0)
        self._latest = WarningKind.NONE

    def see(self, warning: DriverWarning) -> None:
        """A warning became visible and audible."""
        self._latest = warning.kind
        if not self._kind.reacts or warning.kind in (WarningKind.NONE, WarningKind.FOLLOWING_DISTANCE):
            return
        at = SimNs(self._clock.now + ns_from_s(self._kind.reaction_s))
        self._clock.at(at, Order.COMMAND, 1, lambda: self._react(warning))

    def pedals(self) -> tuple[float, float, float]:
        """Accelerator and brake pedal as shares, and the steering wheel's rate in rad/s, as the bus reports them."""
        accelerator = 0.25 if self._control.hold_speed_mps >= 0.0 else 0.0
        return accelerator, self._control.pedal_mps2 / 10.0, 0.0

    def _react(self, warning: DriverWarning) -> None:
        collision = warning.kind is WarningKind.FORWARD_COLLISION
        if collision and self._latest is not WarningKind.FORWARD_COLLISION:
            return  # the danger was over before the foot moved
        pedal_mps2 = self._kind.braking_mps2 if collision else 0.0
        if pedal_mps2 <= self._control.pedal_mps2 and self._control.hold_speed_mps < 0.0:
            return
        self._control = DriverControl(hold_speed_mps=RELEASED, pedal_mps2=max(pedal_mps2, self._control.pedal_mps2))
        now = self._clock.now
        self._apply(self._control, now)
        act = "brakes" if collision else "releases the accelerator"
        self._note(DriverAct(at=now, act=act, reason=warning.kind.value))

"""The brake actuator: end-to-end checks, time-out and deadman between the stack's requests and the brakes.

It accepts a request only if its checksum is right and its counter moved on by at most the allowed
jump (AUTOSAR E2E profile 1). If no request is accepted for `TIMEOUT_NS`, then during a braking
episode the deadman holds `HOLD_MPS2` to standstill; outside one nothing is demanded and the driver is
told. Without protection the deadman does not act: demand falls to zero. The deadman lives here and
not in the stack, so that it survives the stack.
"""

from collections.abc import Callable
from functools import partial
from typing import Protocol

from sim.clock import Clock, Order
from sim.layout import BrakeDemand
from stack.vocabulary import (
    COUNTER_STATES,
    NS_PER_MS,
    ActuatorStatus,
    BrakeRequest,
    Message,
    Protection,
    SimNs,
    request_checksum,
)

TIMEOUT_NS = 200 * NS_PER_MS  # own choice: four missed cycles of the 20 Hz request; SAE J1939 XBR sends every 20 ms
MAX_COUNTER_JUMP = 3  # own choice within AUTOSAR E2E profile 1's MaxDeltaCounter
HOLD_MPS2 = 5.0  # own choice: above the 4 m/s² that UN R131 calls emergency braking, below every brake_max here
DEMAND_MAX_MPS2 = 10.0  # SAE J1939-71: operating range of the external acceleration demand
STANDSTILL_MPS = 0.05


class _Line(Protocol):
    def pass_on(self, demand: BrakeDemand, at: SimNs) -> tuple[tuple[SimNs, BrakeDemand], ...]: ...


class DirectLine:
    """The undisturbed way from the actuator's electronics to the brakes."""

    def pass_on(self, demand: BrakeDemand, at: SimNs) -> tuple[tuple[SimNs, BrakeDemand], ...]:
        """The same demand at the same instant."""
        return ((at, demand),)


class BrakeActuator:
    """Receives brake requests; `apply` gives a demand to the world and returns when it acts."""

    def __init__(
        self,
        *,
        clock: Clock,
        line: _Line,
        protection: Protection,
        apply: Callable[[BrakeDemand, SimNs], SimNs],
        speed_mps: Callable[[], float],
        note_accepted: Callable[[Message, SimNs, bool], None],
        note_deadman: Callable[[SimNs], None],
        tell_driver: Callable[[SimNs, str], None],
    ) -> None:
        self._clock = clock
        self._line = line
        self._protected = protection is Protection.ON
        self._apply = apply
        self._speed_mps = speed_mps
        self._note_accepted = note_accepted
        self._note_deadman = note_deadman
        self._tell_driver = tell_driver
        self._counter = -1
        self._accepted_at = SimNs(0)
        self._watching = False
        self._accepted_total = self._refused_total = 0
        self._request_mps2 = 0.0
        self._demand_mps2 = 0.0
        self._reached_mps2 = 0.0
        self._deadman = False
        self._told = False

    def receive(self, message: Message) -> None:
        """A request arrived: check it, and let it act if it holds."""
        now = self._clock.now
        request: BrakeRequest = message.payload
        if not self._acceptable(request, now):
            self._refused_total += 1
            return
        self._counter = request.counter
        self._accepted_at = now
        self._accepted_total += 1
        self._told = False
        if not self._watching:
            self._watching = True
            self._clock.at(SimNs(now + TIMEOUT_NS), Order.WATCHDOG, 900, self._check_silence)
        if self._deadman and self._speed_mps() <= STANDSTILL_MPS:
            self._deadman = False
        self._request_mps2 = min(request.demand_mps2, DEMAND_MAX_MPS2)
        wanted_mps2 = max(self._request_mps2, HOLD_MPS2) if self._deadman else self._request_mps2
        changed = wanted_mps2 != self._demand_mps2
        self._note_accepted(message, now, changed)
        self._demand(wanted_mps2, message.sequence, now)

    def status(self) -> ActuatorStatus:
        """What the actuator says of itself."""
        return ActuatorStatus(
            accepted_counter=self._counter,
            accepted_total=self._accepted_total,
            refused_total=self._refused_total,
            demand_mps2=self._demand_mps2,
            deadman_active=self._deadman,
        )

    def _acceptable(self, request: BrakeRequest, now: SimNs) -> bool:
        if not 0 <= request.counter < COUNTER_STATES:
            return False
        if request.checksum != request_checksum(request.raw_demand, request.counter):
            return False
        if self._counter < 0 or now - self._accepted_at >= TIMEOUT_NS:
            return True  # first request, or first after silence: synchronise
        jump = (request.counter - self._counter) % COUNTER_STATES
        return 1 <= jump <= MAX_COUNTER_JUMP

    def _demand(self, demand_mps2: float, sequence: int, now: SimNs) -> None:
        """Give a demand to the brake line; what comes out of it reaches the brakes if it is a change."""
        self._demand_mps2 = demand_mps2
        for at, demand in self._line.pass_on(BrakeDemand(demand_mps2=demand_mps2, request_sequence=sequence), now):
            if at <= now:
                self._reach_brakes(demand, now)
            else:
                self._clock.at(at, Order.COMMAND, 0, partial(self._reach_brakes, demand, at))

    def _reach_brakes(self, demand: BrakeDemand, at: SimNs) -> None:
        if demand.demand_mps2 != self._reached_mps2:
            self._reached_mps2 = demand.demand_mps2
            self._apply(demand, at)

    def _check_silence(self) -> None:
        now = self._clock.now
        due_at = self._accepted_at + TIMEOUT_NS
        if now < due_at:
            self._clock.at(SimNs(due_at), Order.WATCHDOG, 900, self._check_silence)
            return
        self._watching = False
        if self._demand_mps2 > 0.0 and not self._deadman:
            if self._protected and self._speed_mps() > STANDSTILL_MPS:
                self._hold(now)
            else:
                self._demand(0.0, -1, now)
        if not self._told and self._protected:
            self._told = True
            self._tell_driver(now, "no valid brake request reaches the brakes")

    def _hold(self, now: SimNs) -> None:
        """The deadman takes hold and stays to standstill, whatever gets lost meanwhile."""
        self._deadman = True
        self._note_deadman(now)
        self._demand(max(self._demand_mps2, HOLD_MPS2), -1, now)
        self._release_at_standstill()

    def _release_at_standstill(self) -> None:
        if not self._deadman:
            return
        now = self._clock.now
        if self._speed_mps() <= STANDSTILL_MPS:
            self._deadman = False
            self._demand(self._request_mps2 if self._watching else 0.0, -1, now)
            return
        self._clock.at(SimNs(now + 50 * NS_PER_MS), Order.WATCHDOG, 901, self._release_at_standstill)

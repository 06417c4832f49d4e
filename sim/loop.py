"""The closed loop: sense, carry, compute, carry, act, on the three ports and one clock.

The loop knows no scenario, no fault and no verdict. It asks the world for its state at each sensor's
slot, gives sensor payloads to channels, what channels deliver to the host, and what the host publishes
back through channels to actuator, driver and record.
"""

import gc
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from sim.actuator import BrakeActuator
from sim.attachments import FaultAccount, Sensor
from sim.clock import Clock, Order
from sim.driver import Driver, DriverKind
from sim.layout import BrakeDemand, Control
from sim.ports import Channel, Host, World
from sim.recorder import Recorder
from sim.recording import Ending, RunRecord
from sim.topics import row_of
from sim.truth import EGO, SPEED, Contact, TruthFrame
from stack.vocabulary import NS_PER_MS, DriverWarning, Message, Protection, SimNs, WarningKind, topics
from stack.vocabulary.construction import maker

GRID_NS = 10 * NS_PER_MS  # truth is recorded at 100 Hz
STATUS_PERIOD_NS = 50 * NS_PER_MS
_message = maker(Message)
_TO_VEHICLE = (topics.BRAKE_REQUEST, topics.DRIVER_WARNING)
HMI_DELAY_NS = 60 * NS_PER_MS  # own assumption: sound card buffer and one frame of a 60 Hz display, with margin


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorPlan:
    """One sensor's place in the schedule.

    The slot (exposure midpoint) falls on `phase_ns + k * period_ns`; its message is published
    `processing_ns` later (the rest of the exposure, read-out, the sensor's own computing).
    """

    topic: str
    sensor: Sensor
    period_ns: int
    phase_ns: int
    processing_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EndRule:
    """When a run is over: at a planned instant, once it has settled (None: never asked), or at the limit."""

    planned_at: SimNs
    settled: Callable[[TruthFrame], bool] | None
    limit_at: SimNs


class FaultHooks(Protocol):
    """What the loop owes the faults of a run."""

    def watch(self, frame: TruthFrame, host: Host, clock: Clock) -> None:
        """Look at the truth of a grid instant; open windows whose condition came."""
        ...

    def accounts(self) -> tuple[FaultAccount, ...]:
        """What each fault did."""
        ...


@contextmanager
def _without_collector() -> Iterator[None]:
    """No search for garbage cycles: a run makes next to none and keeps most of what it makes until its record.

    What it made counts as old afterwards; otherwise the next thing made would start a search through all of it.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            if not gc.get_freeze_count():
                gc.freeze()
                gc.unfreeze()
            gc.enable()


class ClosedLoop:
    """One run. Build it, call `run` once, read the record."""

    def __init__(
        self,
        *,
        clock: Clock,
        world: World,
        sensors: tuple[SensorPlan, ...],
        channels: Mapping[str, Channel],
        recorder: Recorder,
        protection: Protection,
        line: object,
        driver: DriverKind,
        hold_speed_mps: float,
        hooks: FaultHooks,
        end: EndRule,
        functional_part_at: SimNs,
    ) -> None:
        self._clock = clock
        self._world = world
        self._sensors = sensors
        self._channels = channels
        self._recorder = recorder
        self._hooks = hooks
        self._end = end
        self._functional_part_at = functional_part_at
        self._frame: TruthFrame | None = None
        self._ending: Ending | None = None
        self._host: Host | None = None
        self._sequences: dict[str, int] = {}
        self.driver = Driver(
            clock=clock,
            kind=driver,
            hold_speed_mps=hold_speed_mps,
            apply=self._apply,
            note=recorder.note_driver_act,
        )
        self.actuator = BrakeActuator(
            clock=clock,
            line=line,  # type: ignore[arg-type]
            protection=protection,
            apply=self._apply,
            speed_mps=lambda: float(self.frame().state[EGO, SPEED]),
            note_accepted=recorder.note_accepted,
            note_deadman=recorder.note_deadman,
            tell_driver=self._tell_driver_locally,
        )

    def frame(self) -> TruthFrame:
        """The truth now; asked of the world once per instant."""
        now = self._clock.now
        frame = self._frame
        if frame is None or frame.at != now:
            frame = self._frame = self._world.observe(now)
        return frame

    def publish(self, message: Message) -> None:
        """Something left the stack: carry it to whom it concerns."""
        if message.topic in _TO_VEHICLE:
            self._carry(message)

    def run(self, host: Host, run_id: str, seed: int) -> RunRecord:
        """Play until the end rule says so; returns the record."""
        self._host = host
        clock = self._clock
        clock.at(SimNs(0), Order.WORLD, 0, self._tick)
        for row, plan in enumerate(self._sensors):
            clock.at(SimNs(plan.phase_ns), Order.SENSING, row, self._slot_act(plan, row))
        clock.at(SimNs(STATUS_PERIOD_NS), Order.SENSING, 500, self._report_status)
        host.boot(SimNs(0))
        with _without_collector():
            clock.run_until(self._end.limit_at)
        ending = self._ending or Ending.TIMED_OUT
        host.close()
        return self._recorder.record(
            run_id=run_id,
            seed=seed,
            functional_part_at=self._functional_part_at,
            ended_at=clock.now,
            ending=ending,
            accounts=host.accounts(),
            faults=self._hooks.accounts(),
        )

    # -- the world ------------------------------------------------------------------------------

    def _tick(self) -> None:
        now = self._clock.now
        self._world.advance_to(now)
        frame = self.frame()
        self._recorder.note_truth(frame)
        touched = False
        for event in self._world.take_events():
            self._recorder.note_world_event(event)
            touched = touched or isinstance(event, Contact)
        if touched:
            self._finish(Ending.CONTACT)
            return
        self._hooks.watch(frame, self._host, self._clock)  # type: ignore[arg-type]
        settled = self._end.settled
        if now >= self._end.planned_at or (settled is not None and settled(frame)):
            self._finish(Ending.SETTLED)
            return
        self._clock.at(SimNs(now + GRID_NS), Order.WORLD, 0, self._tick)

    def _finish(self, ending: Ending) -> None:
        self._ending = ending
        self._clock.stop()

    def _apply(self, control: Control, at: SimNs) -> SimNs:
        applied_at = self._world.apply(control, at)
        if isinstance(control, BrakeDemand):
            self._recorder.note_applied(control, applied_at)
        return applied_at

    # -- sensing and carrying -------------------------------------------------------------------

    def _slot_act(self, plan: SensorPlan, row: int) -> Callable[[], None]:
        clock = self._clock

        def act() -> None:
            now = clock.now
            payload = plan.sensor.sense(self.frame(), now)
            self._publish_later(plan.topic, payload, now, SimNs(now + plan.processing_ns), row)
            clock.at(SimNs(now + plan.period_ns), Order.SENSING, row, act)

        return act

    def _publish_later(self, topic: str, payload: object, slot: SimNs, at: SimNs, row: int) -> None:
        sequence = self._sequences.get(topic, -1) + 1
        self._sequences[topic] = sequence
        message = _message(
            topic=topic, sequence=sequence, true_at=slot, published_at=at, delivered_at=at, payload=payload
        )
        if at == self._clock.now:
            self._publish_sensed(message)
        else:
            self._clock.at(at, Order.SENSING, row, partial(self._publish_sensed, message))

    def _publish_sensed(self, message: Message) -> None:
        self._recorder.note_message(message)
        self._carry(message)

    def _report_status(self) -> None:
        now = self._clock.now
        self._publish_later(topics.ACTUATOR_STATUS, self.actuator.status(), now, now, 500)
        self._clock.at(SimNs(now + STATUS_PERIOD_NS), Order.SENSING, 500, self._report_status)

    def _carry(self, message: Message) -> None:
        topic = message.topic
        row = row_of(topic)
        for delivery in self._channels[topic].carry(message):
            self._clock.at(delivery.at, Order.DELIVERY, row, partial(self._deliver, delivery.message))

    def _deliver(self, message: Message) -> None:
        self._recorder.note_delivery(message)
        topic = message.topic
        if topic == topics.BRAKE_REQUEST:
            self.actuator.receive(message)
        elif topic == topics.DRIVER_WARNING:
            shown_at = SimNs(self._clock.now + HMI_DELAY_NS)
            self._clock.at(shown_at, Order.DELIVERY, 800, lambda: self._show(message))
        elif self._host is not None:
            self._host.deliver(message)

    def _show(self, message: Message) -> None:
        self._recorder.note_shown(message, self._clock.now)
        self.driver.see(message.payload)

    def _tell_driver_locally(self, at: SimNs, reason: str) -> None:
        """The actuator tells the driver by its own lamp, without the stack."""
        sequence = -2 - self._sequences.get("actuator_lamp", 0)
        self._sequences["actuator_lamp"] = self._sequences.get("actuator_lamp", 0) + 1
        warning = DriverWarning(kind=WarningKind.SYSTEM_OFF, reason=reason)
        message = Message(
            topic=topics.DRIVER_WARNING,
            sequence=sequence,
            true_at=at,
            published_at=at,
            delivered_at=at,
            payload=warning,
        )
        self._clock.at(SimNs(at + HMI_DELAY_NS), Order.DELIVERY, 800, lambda: self._show(message))

"""What the faults are put around in these tests: perfect, undisturbed attachment points."""

from dataclasses import replace

import numpy as np

from sim.attachments import Window
from sim.layout import BrakeDemand
from sim.ports import Charge, Delivery
from sim.truth import BRAKE, COLUMNS, SPEED, YAW, ActorKind, Conditions, Roster, TruthFrame, X, Y
from stack.vocabulary import (
    ActuatorStatus,
    BrakeRequest,
    CameraObject,
    CameraView,
    DriverWarning,
    EgoMotion,
    LaneView,
    Message,
    ObjectClass,
    Queue,
    QueuePolicy,
    RadarDetection,
    RadarScan,
    Resource,
    SimNs,
    Stage,
    StageInput,
    WarningKind,
    ns_from_s,
    request_checksum,
)

TRANSPORT_NS = 5_000_000
PERIOD_NS = 50_000_000
OPENS_S, CLOSES_S = 1.0, 3.0


class PerfectLine:
    """A channel that delivers each message once, unchanged, after 5 ms, and remembers what it carried."""

    def __init__(self):
        self.carried = []

    def carry(self, message):
        self.carried.append(message)
        at = SimNs(message.published_at + TRANSPORT_NS)
        return (Delivery(at=at, message=replace(message, delivered_at=at)),)


class ClearSensor:
    """A sensor whose payload is a function of the slot; `sense_with` shows the response it was given."""

    def __init__(self, payload_at):
        self.payload_at = payload_at
        self.slots = []
        self.responses = []

    def sense(self, frame, slot):
        self.slots.append(slot)
        return self.payload_at(slot)

    def sense_with(self, frame, slot, response):
        self.slots.append(slot)
        self.responses.append(response)
        return replace(self.payload_at(slot), **self._quality(response))

    def _quality(self, response):
        if hasattr(response, "health_factor"):
            return {"health_ratio": response.health_factor}
        return {"noise_floor_db": response.interference_db}


class EvenCosts:
    """Every job costs 2 ms; the function runs once."""

    def charge(self, stage, given, slot, run):
        return Charge(result=run(), work_ns=2_000_000)


class DirectBrakes:
    """A brake line that passes every demand on at once."""

    def pass_on(self, demand, at):
        return ((at, demand),)


class Clockwork:
    """A timer that is wound by hand."""

    def __init__(self, now=0):
        self.now = SimNs(now)
        self.acts = []

    def at(self, instant, act):
        assert instant >= self.now
        self.acts.append((instant, act))

    def run_until(self, end):
        while due := [pair for pair in self.acts if pair[0] <= end]:
            first = min(due, key=lambda pair: pair[0])
            self.acts.remove(first)
            self.now = first[0]
            first[1]()
        self.now = SimNs(end)


class CrashingHost:
    """A host that only notes when it crashed."""

    def __init__(self):
        self.crashes = []

    def boot(self, now):
        raise AssertionError("no fault boots a host")

    def deliver(self, message):
        raise AssertionError("no fault delivers")

    def crash(self, now):
        self.crashes.append(now)

    def accounts(self):
        return ()

    def close(self):
        raise AssertionError("no fault closes a host")


def open_window(name="a_fault", opens_s=OPENS_S, closes_s=CLOSES_S):
    """A window that opens and closes at these instants."""
    window = Window(name, ns_from_s(closes_s) - ns_from_s(opens_s))
    window.open(ns_from_s(opens_s))
    return window


def camera_view(*objects, health_ratio=1.0):
    lane = LaneView(offset_m=0.0, heading_rad=0.0, curvature_1pm=0.0, half_width_m=1.8, quality_ratio=1.0)
    return CameraView(objects=tuple(objects), lane=lane, health_ratio=health_ratio)


def car_seen(x_m=40.0, y_m=0.0):
    return CameraObject(
        object_class=ObjectClass.VEHICLE,
        confidence=0.9,
        x_m=x_m,
        y_m=y_m,
        x_sigma_m=1.0,
        y_sigma_m=0.3,
        width_m=1.8,
        lateral_mps=0.1,
    )


def echo(range_m=40.0, azimuth_rad=0.0):
    return RadarDetection(range_m=range_m, azimuth_rad=azimuth_rad, range_rate_mps=-10.0, rcs_dbsm=10.0, snr_db=25.0)


def radar_scan(*detections):
    return RadarScan(detections=tuple(detections), noise_floor_db=0.0)


def motion(speed_mps=22.0):
    return EgoMotion(
        speed_mps=speed_mps,
        yaw_rate_radps=0.01,
        acceleration_mps2=0.2,
        accelerator_ratio=0.1,
        brake_pedal_ratio=0.0,
        steering_rate_radps=0.0,
    )


PAYLOADS = {
    "camera": lambda k: camera_view(car_seen(60.0 - 0.5 * k)),
    "radar": lambda k: radar_scan(echo(60.0 - 0.5 * k)),
    "ego_motion": lambda k: motion(22.0 - 0.1 * k),
    "actuator_status": lambda k: ActuatorStatus(
        accepted_counter=k % 15, accepted_total=k, refused_total=0, demand_mps2=2.0, deadman_active=False
    ),
    "brake_request": lambda k: BrakeRequest(
        raw_demand=8192 + k, counter=k % 15, checksum=request_checksum(8192 + k, k % 15)
    ),
    "driver_warning": lambda k: DriverWarning(kind=WarningKind.FORWARD_COLLISION, reason=f"cycle {k}"),
}


def messages(topic="camera", count=100):
    """A message every 50 ms from 0, each with content of its own."""
    return tuple(
        Message(
            topic=topic,
            sequence=k,
            true_at=SimNs(k * PERIOD_NS),
            published_at=SimNs(k * PERIOD_NS + 10_000_000),
            delivered_at=SimNs(-1),
            payload=PAYLOADS[topic](k),
        )
        for k in range(count)
    )


def carried(channel, sent):
    """Deliveries per sent message, in order."""
    return tuple(channel.carry(message) for message in sent)


def in_window(message):
    return ns_from_s(OPENS_S) <= message.published_at < ns_from_s(CLOSES_S)


def stage(name):
    return Stage(
        name=name,
        triggers=(),
        reads=(),
        publishes=(),
        budget_ns=50_000_000,
        watchdog_ns=200_000_000,
        priority=1,
        queue=Queue(policy=QueuePolicy.LATEST_ONLY, depth=1),
        resource=Resource.CPU,
        initial=lambda: None,
        step=lambda state, given: (state, ()),
        content=lambda given: 0,
    )


def job_at(now):
    return StageInput(now=SimNs(now), messages=(), latest={})


def demand(mps2, sequence=0):
    return BrakeDemand(demand_mps2=mps2, request_sequence=sequence)


def frame(at_s=0.0, ego_speed_mps=20.0, ego_brake_mps2=0.0, others=()):
    """The truth: a 10 m truck with its front at x = 0, and others as (name, kind, x, y, yaw, speed), each 4 x 2 m."""
    count = 1 + len(others)
    state = np.zeros((count, COLUMNS))
    state[0, X], state[0, SPEED], state[0, BRAKE] = -5.0, ego_speed_mps, ego_brake_mps2
    size_m = np.full((count, 3), (4.0, 2.0, 1.5))
    size_m[0] = (10.0, 2.5, 3.5)
    for row, (_name, _kind, x_m, y_m, yaw_rad, speed_mps) in enumerate(others, start=1):
        state[row, [X, Y, YAW, SPEED]] = (x_m, y_m, yaw_rad, speed_mps)
    roster = Roster(
        names=("ego", *(other[0] for other in others)),
        kinds=(ActorKind.TRUCK, *(other[1] for other in others)),
        entities=np.arange(count, dtype=np.uint32),
        size_m=size_m,
        clearance_m=np.zeros(count),
        mass_kg=np.full(count, 1500.0),
    )
    conditions = Conditions(friction_ratio=0.9, visibility_m=1000.0, illuminance_lx=10_000.0)
    return TruthFrame(at=ns_from_s(at_s), roster=roster, conditions=conditions, state=state)

"""A drive for the decision stage: healthy sensors and a truck's brakes, each of which a test can disturb."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from math import exp, inf

from stack.decision.stage import row
from stack.vocabulary import (
    NS_PER_MS,
    NS_PER_S,
    ActuatorStatus,
    Briefing,
    CameraTarget,
    CameraTargets,
    Decision,
    Diagnosis,
    DiagnosisReport,
    EgoMotion,
    Hazard,
    HazardKind,
    HazardList,
    HostEvent,
    HostEventKind,
    LaneView,
    Manoeuvre,
    Message,
    Mode,
    ModeChange,
    ObjectClass,
    Output,
    Protection,
    Queue,
    QueuePolicy,
    RadarTarget,
    RadarTargets,
    Resource,
    SensorCheck,
    SimNs,
    StageInput,
    StagePlan,
    Track,
    topics,
)

TICK_NS = 25 * NS_PER_MS
BRAKE_MAX_MPS2 = 6.3
DEAD_TIME_S = 0.2
LAG_S = 0.29
LANE = LaneView(offset_m=0.0, heading_rad=0.0, curvature_1pm=0.0, half_width_m=1.8, quality_ratio=1.0)
VEHICLE, VRU = HazardKind.FORWARD_COLLISION_VEHICLE, HazardKind.FORWARD_COLLISION_VRU
PLAN = StagePlan(
    budget_ns=5 * NS_PER_MS,
    watchdog_ns=150 * NS_PER_MS,
    priority=1,
    queue=Queue(policy=QueuePolicy.DROP_OLDEST, depth=16),
    resource=Resource.CPU,
)


def briefing(protection: Protection = Protection.ON, **settings: float) -> Briefing:
    """A loaded truck's briefing; `settings` are thresholds of decision."""
    return Briefing(
        length_m=10.0,
        width_m=2.5,
        wheelbase_m=5.5,
        brake_max_mps2=BRAKE_MAX_MPS2,
        brake_dead_time_s=DEAD_TIME_S,
        brake_lag_s=LAG_S,
        protection=protection,
        functional_part_at=SimNs(2 * NS_PER_S),
        settings={f"decision.{name}": value for name, value in settings.items()},
    )


def message(topic: str, sequence: int, at: int, payload: object) -> Message:
    """A message delivered the instant it was true."""
    now = SimNs(at)
    return Message(topic=topic, sequence=sequence, true_at=now, published_at=now, delivered_at=now, payload=payload)


def track(**changes: object) -> Track:
    """A car ahead, long seen by both sensors."""
    values: dict[str, object] = {
        "track_id": 1,
        "object_class": ObjectClass.VEHICLE,
        "x_m": 50.0,
        "y_m": 0.0,
        "vx_mps": 0.0,
        "vy_mps": 0.0,
        "x_sigma_m": 0.2,
        "y_sigma_m": 0.2,
        "vx_sigma_mps": 0.2,
        "vy_sigma_mps": 0.2,
        "width_m": 1.8,
        "first_seen_at": SimNs(0),
        "camera_at": SimNs(0),
        "radar_at": SimNs(0),
        "camera_hits": 9,
        "radar_hits": 9,
        "quality_ratio": 1.0,
    }
    return Track(**{**values, **changes})  # type: ignore[arg-type]


def required_mps2(gap_m: float, closing_mps: float) -> float:
    """Deceleration to demand now so that a target at constant speed is just not touched."""
    room_m = gap_m - closing_mps * (DEAD_TIME_S + LAG_S + 0.03)
    if closing_mps <= 0.0:
        return 0.0
    return closing_mps**2 / (2.0 * room_m) if room_m > 0.0 else inf


def hazard(
    gap_m: float,
    closing_mps: float,
    seen: Track,
    kind: HazardKind = VEHICLE,
    path: float = 0.95,
    required: float | None = None,
) -> Hazard:
    """A hazard as risk asserts it."""
    return Hazard(
        kind=kind,
        track=seen,
        gap_m=gap_m,
        closing_mps=closing_mps,
        time_to_collision_s=gap_m / closing_mps if closing_mps > 0.0 else inf,
        required_deceleration_mps2=required_mps2(gap_m, closing_mps) if required is None else required,
        path_probability=path,
    )


@dataclass
class Feed:
    """One sensor's checks, fresh at every second tick unless disturbed."""

    topic: str
    silent: bool = False
    frozen: bool = False
    lost: bool = False
    refusal: str = ""
    health_ratio: float = 1.0
    sequence: int = -1
    accepted_total: int = 0
    lost_total: int = 0
    refused_total: int = 0
    disordered_total: int = 0
    repeats: int = 0
    true_at: int = -1

    def next(self, now: int) -> Message | None:
        """The check of one more message, or None if it did not come."""
        if self.silent or self.lost:
            self.lost_total += 1
            return None
        self.sequence += 1
        self.repeats = self.repeats + 1 if self.frozen else 0
        if self.refusal:
            self.refused_total += 1
        else:
            self.accepted_total += 1
            self.true_at = now
        check = SensorCheck(
            topic=self.topic,
            true_at=SimNs(now),
            age_ns=0,
            accepted=not self.refusal,
            reason=self.refusal or "in order",
            repeats=self.repeats,
            accepted_total=self.accepted_total,
            lost_total=self.lost_total,
            refused_total=self.refused_total,
            disordered_total=self.disordered_total,
            health_ratio=self.health_ratio,
        )
        return message(self.topic, self.sequence, now, check)


@dataclass
class Brakes:
    """The actuator and the brakes behind it: what it accepts, and the deceleration it gives."""

    refusing: bool = False
    deaf: bool = False
    mute: bool = False
    delivers_ratio: float = 1.0
    deadman: bool = False
    demand_mps2: float = 0.0
    deceleration_mps2: float = 0.0
    accepted_total: int = 0
    refused_total: int = 0
    pending: list[tuple[int, float]] = field(default_factory=list)

    def request(self, demand_mps2: float, now: int) -> None:
        """A request reaches the actuator."""
        if self.deaf:
            return
        if self.refusing:
            self.refused_total += 1
            return
        self.accepted_total += 1
        self.demand_mps2 = demand_mps2
        self.pending.append((now + round(DEAD_TIME_S * NS_PER_S), demand_mps2))

    def step(self, now: int, dt_s: float) -> float:
        """The deceleration after one more time step."""
        due = [demand for at, demand in self.pending if at <= now]
        self.acting = due[-1] if due else getattr(self, "acting", 0.0)
        self.pending = [(at, demand) for at, demand in self.pending if at > now]
        wanted = min(self.acting, BRAKE_MAX_MPS2) * self.delivers_ratio
        self.deceleration_mps2 += (wanted - self.deceleration_mps2) * (1.0 - exp(-dt_s / LAG_S))
        return self.deceleration_mps2

    def status(self) -> ActuatorStatus:
        """What the actuator says of itself."""
        return ActuatorStatus(
            accepted_counter=self.accepted_total % 15,
            accepted_total=self.accepted_total,
            refused_total=self.refused_total,
            demand_mps2=self.demand_mps2,
            deadman_active=self.deadman,
        )


Sees = Callable[["Drive"], Iterable[Hazard]]


class Drive:
    """The decision stage in a closed loop with a truck, 25 ms a tick; hazards come from `sees`."""

    def __init__(self, speed_mps: float = 20.0, protection: Protection = Protection.ON, **settings: float) -> None:
        self.stage = row(briefing(protection, **settings), PLAN)
        self.state = self.stage.initial()
        self.now = 0
        self.ticks = 0
        self.speed_mps = speed_mps
        self.travelled_m = 0.0
        self.camera, self.radar = Feed(topics.CAMERA_CHECK), Feed(topics.RADAR_CHECK)
        self.motion = Feed(topics.MOTION_CHECK)
        self.brakes = Brakes()
        self.accelerator, self.pedal, self.steering = 0.25, 0.0, 0.0
        self.camera_stage_hung = self.radar_stage_hung = self.risk_hung = False
        self.radar_empty = False
        self.camera_sees_car = False
        self.sees: Sees = lambda drive: ()
        self.latest: dict[str, Message] = {}
        self.outputs: list[tuple[int, Output]] = []
        self.demands: list[tuple[int, float]] = []
        self.speeds: list[tuple[int, float]] = []

    # -- running ----------------------------------------------------------------------------------

    def run(self, seconds: float) -> "Drive":
        """Drive on for a while."""
        for _ in range(round(seconds * NS_PER_S / TICK_NS)):
            self.tick()
        return self

    def tick(self, *events: HostEvent) -> tuple[Output, ...]:
        """One job of the decision stage, then 25 ms of the world."""
        self._sense()
        outputs = self._decide(events)
        self._move()
        return outputs

    def _sense(self) -> None:
        now = self.now
        if self.ticks % 2 == 0:
            self._keep(topics.CAMERA_CHECK, self.camera.next(now))
            self._keep(topics.RADAR_CHECK, self.radar.next(now))
            if not self.brakes.mute:
                self._keep(topics.ACTUATOR_STATUS, message("", self.ticks, now, self.brakes.status()))
            if not self.camera_stage_hung and self.camera.true_at >= 0:
                targets = (camera_car(30.0),) if self.camera_sees_car else ()
                payload = CameraTargets(targets=targets, lane=LANE)
                self._keep(topics.CAMERA_TARGETS, message("", self.ticks, self.camera.true_at, payload))
            if not self.radar_stage_hung and self.radar.true_at >= 0:
                echoes = RadarTargets(targets=() if self.radar_empty else (radar_echo(30.0),))
                self._keep(topics.RADAR_TARGETS, message("", self.ticks, self.radar.true_at, echoes))
        check = self.motion.next(now)
        self._keep(topics.MOTION_CHECK, check)
        if check is not None and check.payload.accepted:
            self._keep(topics.MOTION_CHECKED, message("", self.ticks, now, self.ego_motion()))

    def ego_motion(self) -> EgoMotion:
        """What the vehicle bus says now."""
        return EgoMotion(
            speed_mps=self.speed_mps,
            yaw_rate_radps=0.0,
            acceleration_mps2=-self.brakes.deceleration_mps2,
            accelerator_ratio=self.accelerator,
            brake_pedal_ratio=self.pedal,
            steering_rate_radps=self.steering,
        )

    def _keep(self, topic: str, arrived: Message | None) -> None:
        if arrived is not None:
            self.latest[topic] = arrived

    def _decide(self, events: tuple[HostEvent, ...]) -> tuple[Output, ...]:
        arrived = [message(topics.HOST_EVENTS, self.ticks, self.now, event) for event in events]
        sensed = not (self.camera.silent and self.radar.silent)
        if sensed and not self.risk_hung:
            hazards = HazardList(as_of=SimNs(self.now), hazards=tuple(self.sees(self)), speed_mps=self.speed_mps)
            arrived.append(message(topics.HAZARDS, self.ticks, self.now, hazards))
        given = StageInput(now=SimNs(self.now), messages=tuple(arrived), latest=dict(self.latest))
        self.state, outputs = self.stage.step(self.state, given)
        for output in outputs:
            self.outputs.append((self.now, output))
            if output.topic == topics.MANOEUVRE:
                self.demands.append((self.now, output.payload.demand_mps2))
                self.brakes.request(output.payload.demand_mps2, self.now)
        return outputs

    def _move(self) -> None:
        dt_s = TICK_NS / NS_PER_S
        deceleration = self.brakes.step(self.now, dt_s)
        before = self.speed_mps
        self.speed_mps = max(0.0, before - deceleration * dt_s)
        self.travelled_m += 0.5 * (before + self.speed_mps) * dt_s
        self.speeds.append((self.now, self.speed_mps))
        self.now += TICK_NS
        self.ticks += 1

    # -- what came out ----------------------------------------------------------------------------

    def published(self, topic: str) -> list[object]:
        """All payloads of a topic so far."""
        return [output.payload for _, output in self.outputs if output.topic == topic]

    @property
    def decisions(self) -> list[Decision]:
        return self.published(topics.DECISION)  # type: ignore[return-value]

    @property
    def modes(self) -> list[ModeChange]:
        return self.published(topics.MODE_CHANGE)  # type: ignore[return-value]

    @property
    def reports(self) -> list[DiagnosisReport]:
        return self.published(topics.DIAGNOSIS)  # type: ignore[return-value]

    @property
    def mode(self) -> Mode:
        return self.state.mode

    @property
    def diagnosed(self) -> set[Diagnosis]:
        """All diagnoses that ever appeared."""
        return {report.diagnosis for report in self.reports if report.present}

    @property
    def last_manoeuvre(self) -> Manoeuvre:
        return self.published(topics.MANOEUVRE)[-1]  # type: ignore[return-value]

    def first_at_s(self, topic: str, holds: Callable[[object], bool]) -> float:
        """Instant of the first payload for which something holds; inf if there is none."""
        for at, output in self.outputs:
            if output.topic == topic and holds(output.payload):
                return at / NS_PER_S
        return inf


def car_ahead(gap_m: float, lead_mps: float = 0.0, kind: HazardKind = VEHICLE, **changes: object) -> Sees:
    """A car (or person) that stands or drives ahead from `gap_m`, seen as both sensors see it unless changed."""
    path = changes.pop("path", 0.95)

    def sees(drive: Drive) -> Iterable[Hazard]:
        left_m = gap_m - drive.travelled_m + lead_mps * drive.now / NS_PER_S
        closing = drive.speed_mps - lead_mps
        if left_m <= 0.0 or closing < 0.3:
            return ()
        supports = {"camera_at": SimNs(drive.now), "radar_at": SimNs(drive.now), "vx_mps": lead_mps, "x_m": left_m}
        return (hazard(left_m, closing, track(**{**supports, **changes}), kind, path),)  # type: ignore[arg-type]

    return sees


def camera_car(x_m: float) -> CameraTarget:
    """A car as the camera stage hands it on."""
    return CameraTarget(
        object_class=ObjectClass.VEHICLE,
        confidence=0.9,
        x_m=x_m,
        y_m=0.0,
        x_sigma_m=1.0,
        y_sigma_m=0.2,
        width_m=1.8,
        lateral_mps=0.0,
    )


def radar_echo(x_m: float) -> RadarTarget:
    """A car as the radar stage hands it on."""
    return RadarTarget(
        x_m=x_m,
        y_m=0.0,
        radial_mps=-10.0,
        ground_mps=0.0,
        range_sigma_m=0.2,
        azimuth_sigma_rad=0.01,
        range_rate_sigma_mps=0.1,
        rcs_dbsm=10.0,
        echo_count=3,
        extent_m=1.5,
    )


def event(kind: HostEventKind, stage: str = "", at: int = 0) -> HostEvent:
    """An event of the host."""
    return HostEvent(kind=kind, stage=stage, at=SimNs(at))

"""Every Channel keeps the port's promises: the perfect one, and every channel fault of the library around it."""

import pytest

from faults import library
from scenarios.fault_files import read_fault
from sim.attachments import Window
from sim.channels import PerfectChannel
from stack.vocabulary import (
    NS_PER_MS,
    ActuatorStatus,
    BrakeRequest,
    CameraImage,
    CameraView,
    DriverWarning,
    EgoMotion,
    ImageCoding,
    InertialSample,
    LaneView,
    Message,
    RadarDetection,
    RadarScan,
    WarningKind,
    request_checksum,
    topics,
)

MS = NS_PER_MS
TRANSPORT_NS = 5 * MS
PERIOD_NS = 50 * MS
OPENS_AT, LASTS_NS = 1000 * MS, 1000 * MS
LANE = LaneView(offset_m=0.1, heading_rad=0.0, curvature_1pm=0.0, half_width_m=1.75, quality_ratio=1.0)
ECHO = RadarDetection(range_m=60.0, azimuth_rad=0.01, range_rate_mps=-20.0, rcs_dbsm=10.0, snr_db=20.0)

PAYLOADS = {
    topics.RADAR: lambda k: RadarScan(detections=(ECHO,), noise_floor_db=0.01 * k),
    topics.CAMERA: lambda k: CameraView(objects=(), lane=LANE, health_ratio=1.0 - 0.0001 * k),
    topics.EGO_MOTION: lambda k: EgoMotion(
        speed_mps=20.0 + 0.01 * k,
        yaw_rate_radps=0.0,
        acceleration_mps2=0.0,
        accelerator_ratio=0.2,
        brake_pedal_ratio=0.0,
        steering_rate_radps=0.0,
    ),
    topics.ACTUATOR_STATUS: lambda k: ActuatorStatus(
        accepted_counter=k % 15, accepted_total=k, refused_total=0, demand_mps2=0.0, deadman_active=False
    ),
    topics.BRAKE_REQUEST: lambda k: BrakeRequest(
        raw_demand=1000, counter=k % 15, checksum=request_checksum(1000, k % 15)
    ),
    topics.DRIVER_WARNING: lambda k: DriverWarning(kind=WarningKind.FORWARD_COLLISION, reason=str(k)),
    topics.CAMERA_IMAGE: lambda k: CameraImage(
        width_px=4, height_px=2, coding=ImageCoding.RGB8, data=bytes([k % 256] * 24), exposure_s=0.01, gain_db=0.0
    ),
    topics.INERTIAL: lambda k: InertialSample(
        force_x_mps2=0.01 * k,
        force_y_mps2=0.0,
        force_z_mps2=9.81,
        rate_x_radps=0.0,
        rate_y_radps=0.0,
        rate_z_radps=0.0,
    ),  # fmt: skip
}


def message(topic, k):
    at = k * PERIOD_NS
    return Message(topic=topic, sequence=k, true_at=at, published_at=at, delivered_at=at, payload=PAYLOADS[topic](k))


def channel_faults():
    """Name and topic of every library fault that sits on a channel."""
    found = []
    for name in library.names():
        points = read_fault(name, {}).fault.points
        found += [(name, point.partition(":")[2]) for point in points if point.startswith("channel:")]
    return found


ADAPTERS = [("perfect", topics.RADAR), *channel_faults()]


@pytest.fixture(params=ADAPTERS, ids=lambda pair: f"{pair[0]}-{pair[1]}")
def adapter(request):
    """A maker of fresh channels of one kind, and the topic it carries."""
    name, topic = request.param

    def make():
        direct = PerfectChannel(TRANSPORT_NS)
        if name == "perfect":
            return direct
        window = Window(name, LASTS_NS)
        window.open(OPENS_AT)
        return read_fault(name, {}).fault.wrap_channel(topic, direct, window, 7)

    return make, topic


def carried(channel, topic, count=80):
    return [channel.carry(message(topic, k)) for k in range(count)]


def test_nothing_arrives_before_it_was_published(adapter):
    make, topic = adapter
    for k, deliveries in enumerate(carried(make(), topic)):
        assert all(delivery.at >= k * PERIOD_NS or delivery.message.sequence < k for delivery in deliveries)
        assert all(delivery.at >= delivery.message.published_at for delivery in deliveries)


def test_a_delivery_says_when_it_arrives(adapter):
    make, topic = adapter
    for deliveries in carried(make(), topic):
        assert all(delivery.message.delivered_at == delivery.at for delivery in deliveries)


def test_a_channel_keeps_to_its_topic(adapter):
    make, topic = adapter
    arrived = [delivery for deliveries in carried(make(), topic) for delivery in deliveries]
    assert {delivery.message.topic for delivery in arrived} == {topic}


def test_the_same_messages_fare_the_same_again(adapter):
    make, topic = adapter
    assert repr(carried(make(), topic)) == repr(carried(make(), topic))


def test_before_the_window_a_faulty_channel_is_the_perfect_one(adapter):
    make, topic = adapter
    before = OPENS_AT // PERIOD_NS
    perfect = carried(PerfectChannel(TRANSPORT_NS), topic, before)
    assert carried(make(), topic, before) == perfect


def test_long_after_the_window_a_faulty_channel_is_the_perfect_one_again(adapter):
    make, topic = adapter
    late = (OPENS_AT + LASTS_NS) // PERIOD_NS + 10
    perfect = carried(PerfectChannel(TRANSPORT_NS), topic)
    assert carried(make(), topic)[late:] == perfect[late:]


def test_a_perfect_channel_delivers_exactly_once_after_its_transport():
    for k, deliveries in enumerate(carried(PerfectChannel(TRANSPORT_NS), topics.RADAR)):
        [delivery] = deliveries
        assert delivery.at == k * PERIOD_NS + TRANSPORT_NS
        assert delivery.message.payload == PAYLOADS[topics.RADAR](k)


def test_every_channel_fault_of_the_library_is_under_this_contract():
    assert len(ADAPTERS) >= 10
    assert {topic for _, topic in ADAPTERS} >= {topics.RADAR, topics.CAMERA, topics.BRAKE_REQUEST, topics.EGO_MOTION}

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from foxglove import messages as foxglove
from mcap.reader import NonSeekingReader, make_reader
from mcap.stream_reader import StreamReader
from mcap_protobuf.decoder import DecoderFactory

from scenarios.assembly import Playing
from scenarios.logbook import contents
from scenarios.logbook.reading import read_tolerant
from scenarios.logbook.tape import Tape
from scenarios.logbook.writing import Logbook
from scenarios.rig_files import RawSensor
from sim.camera.parameters import PixelCameraParameters
from sim.camera.picture import Picture
from sim.digest import encode
from sim.loop import SensorPlan
from sim.truth import EGO, SPEED, TruthFrame
from stack.vocabulary import (
    CameraImage,
    FixKind,
    GnssFix,
    ImageCoding,
    InputError,
    LidarScan,
    MachineryError,
    Message,
    SimNs,
    topics,
)


def summary_of(path):
    with path.open("rb") as stream:
        return make_reader(stream, validate_crcs=True).get_summary()


def decoded(path, topic):
    with path.open("rb") as stream:
        reader = make_reader(stream, validate_crcs=True, decoder_factories=[DecoderFactory()])
        return [row for *_rest, row in reader.iter_decoded_messages(topics=[topic])]


# -- a whole run --------------------------------------------------------------------------------


def test_the_official_reader_finds_every_channel_with_its_schema(plain_run):
    summary = summary_of(plain_run.path)
    schemas = {channel.topic: summary.schemas.get(channel.schema_id) for channel in summary.channels.values()}
    wanted = {
        "/tf": foxglove.FrameTransforms,
        "/scene/road": foxglove.SceneUpdate,
        "/scene/actors": foxglove.SceneUpdate,
        "/scene/tracks": foxglove.SceneUpdate,
        "/radar": foxglove.PointCloud,
        "/log": foxglove.Log,
    }
    for topic, kind in wanted.items():
        official = kind.get_schema()
        found = schemas[topic]
        assert (found.name, found.encoding, found.data) == (official.name, official.encoding, official.data), topic
    assert schemas["/signals/ego"].encoding == "jsonschema"
    assert {contents.TRUTH, contents.DELIVERED, contents.PUBLISHED, contents.JOB} <= set(schemas)
    assert summary.statistics.chunk_count >= plain_run.played.record.ended_at // 500_000_000
    assert all(index.compression == "zstd" for index in summary.chunk_indexes)


def test_recording_changes_nothing_of_the_run(plain_run):
    assert plain_run.prepared.play().record.record_hash == plain_run.played.record.record_hash


def test_the_same_run_gives_the_same_file(plain_run, tmp_path):
    with Logbook(tmp_path / "again.mcap") as logbook:
        logbook.finish(plain_run.prepared.play(observe=logbook.observe))
    assert (tmp_path / "again.mcap").read_bytes() == plain_run.path.read_bytes()


def test_the_file_says_which_run_it_is(plain_run):
    recording = read_tolerant(plain_run.path)
    key = plain_run.prepared.key
    assert recording.begun.key_hash == key.key_hash
    assert recording.begun.key == json.loads(json.dumps(key.document()))
    assert recording.ended.record_hash == plain_run.played.record.record_hash
    assert recording.ended.ending == plain_run.played.record.ending.value
    assert recording.cut == ""


def test_truth_and_deliveries_come_back_with_every_bit(plain_run):
    record, recording = plain_run.played.record, read_tolerant(plain_run.path)
    frames = [entry.value for entry in recording.entries((contents.TRUTH,))]
    assert [frame["at"] for frame in frames] == record.truth_at.tolist()
    assert np.stack([frame["state"] for frame in frames]).tobytes() == record.truth.tobytes()
    delivered = [entry.value for entry in recording.entries((contents.DELIVERED,))]
    sensed = [message for message in delivered if message.topic in topics.INPUTS]
    assert [encode(message) for message in sensed] == [encode(message) for message in record.sensed]


def test_what_left_the_stack_comes_back_with_every_bit(record):
    written = record("camera_freezes")
    told, recording = written.played.record, read_tolerant(written.path)
    published = [entry.value for entry in recording.entries((contents.PUBLISHED,))]
    for topic, kept in (
        (topics.DECISION, told.decisions),
        (topics.MODE_CHANGE, told.modes),
        (topics.DIAGNOSIS, told.diagnoses),
        (topics.BRAKE_REQUEST, tuple(ledger.message for ledger in told.requests)),
    ):
        assert kept
        assert [encode(one) for one in published if one.topic == topic] == [encode(one) for one in kept], topic
    jobs = [entry.value for entry in recording.entries((contents.JOB,))]
    assert tuple(jobs) == told.jobs
    events = [entry.value for entry in recording.entries((contents.HOST_EVENT,))]
    assert tuple(events) == told.host_events


def test_signals_are_the_truth_in_json(plain_run):
    record = plain_run.played.record
    with plain_run.path.open("rb") as stream:
        rows = [json.loads(row.data) for *_, row in make_reader(stream).iter_messages(topics=["/signals/ego"])]
    assert [row["speed_mps"] for row in rows] == record.truth[:, EGO, SPEED].tolist()
    assert all(set(row) == set(rows[0]) for row in rows)
    assert min(row["ttc_s"] for row in rows if row["ttc_s"] is not None) > 0.0


def test_decisions_stand_in_the_log_with_their_reasons(plain_run):
    logged = [row.message for row in decoded(plain_run.path, "/log") if row.name == "decision"]
    decisions = plain_run.played.record.decisions
    assert len(logged) == len(decisions) > 0
    for words, decision in zip(logged, decisions, strict=True):
        assert decision.payload.evidence.counterfactual in words


def test_faults_stand_in_the_log_with_their_window(record):
    written = record("camera_freezes")
    account = written.played.record.faults[0]
    logged = [row for row in decoded(written.path, "/log") if row.name == "fault"]
    assert logged[0].timestamp.seconds * 10**9 + logged[0].timestamp.nanos == account.opened_at
    assert "camera_freezes" in logged[0].message


def test_actors_stand_where_the_truth_has_them(plain_run):
    record = plain_run.played.record
    scenes = decoded(plain_run.path, "/scene/actors")
    assert len(scenes) == len(record.truth_at[::5])
    last = {entity.id: entity.cubes[0] for entity in scenes[-1].entities}
    assert set(last) == set(record.roster.names)
    for row, name in enumerate(record.roster.names):
        assert last[name].pose.position.x == record.truth[(len(scenes) - 1) * 5, row, 0]
        assert last[name].size.x == record.roster.size_m[row, 0]


# -- raw sensors --------------------------------------------------------------------------------


@pytest.fixture
def with_raw(plain_run, tmp_path):
    """A recording of the plain run's first instants with messages of raw sensors in them."""

    def write(*messages, coding=ImageCoding.RGB8):
        parameters = PixelCameraParameters(coding=coding)
        rig = (
            RawSensor(topic="camera_image", rate_hz=20.0, mount=None, parameters=parameters),
            RawSensor(topic="lidar", rate_hz=10.0, mount=None, parameters=None),
            RawSensor(topic="gnss", rate_hz=10.0, mount=None, parameters=None),
        )
        record = plain_run.played.record
        ids = np.full((360, 640), -1, np.int32)
        ids[170:190, 310:330] = record.roster.names.index("target")
        picture = Picture(radiance=None, depth_m=None, instance=ids, semantic=None)
        camera = SimpleNamespace(latest=SimpleNamespace(slot=985_000_000, picture=picture))
        plan = SensorPlan(topic="camera_image", sensor=camera, period_ns=1, phase_ns=0, processing_ns=0)
        path = tmp_path / "raw.mcap"
        with Logbook(path) as logbook:
            logbook.observe(
                Playing(
                    prepared=replace(plain_run.prepared, rig=rig), roster=record.roster, scenery=None, sensors=(plan,)
                )
            )
            for entry in read_tolerant(plain_run.path).entries((contents.TRUTH, contents.PUBLISHED)):
                if entry.at > 1_000_000_000:
                    break
                if entry.channel == contents.TRUTH:
                    logbook.note_truth(_frame(record, entry.value))
                else:
                    logbook.note_published(entry.value)
            for message in messages:
                logbook.note_sensed(message)
                logbook.note_delivered(message)
            logbook.finish(plain_run.played)
        return path

    return write


def _frame(record, value):
    return TruthFrame(at=value["at"], roster=record.roster, conditions=record.conditions, state=value["state"])


def delivered(topic, payload, true_at=985_000_000, at=1_000_000_000):
    return Message(
        topic=topic, sequence=7, true_at=SimNs(true_at), published_at=SimNs(at), delivered_at=SimNs(at), payload=payload
    )


def image(coding, data):
    return CameraImage(width_px=640, height_px=360, coding=coding, data=data, exposure_s=0.01, gain_db=0.0)


@pytest.mark.parametrize(
    ("coding", "encoding", "step", "pixels"),
    [(ImageCoding.RGB8, "rgb8", 1920, 3), (ImageCoding.BAYER_RGGB8, "bayer_rggb8", 640, 1)],
)
def test_raw_pictures_are_drawn_as_delivered(with_raw, coding, encoding, step, pixels):
    data = np.arange(640 * 360 * pixels, dtype=np.uint32).astype(np.uint8).tobytes()
    path = with_raw(delivered("camera_image", image(coding, data)), coding=coding)
    (row,) = decoded(path, "/camera_image")
    assert (row.encoding, row.step, row.width, row.height, row.data) == (encoding, step, 640, 360, data)
    assert row.timestamp.nanos == 985_000_000
    (entry,) = read_tolerant(path).entries((contents.DELIVERED_RAW,))
    assert entry.value.payload.data == data


def test_compressed_pictures_stay_compressed(with_raw):
    path = with_raw(delivered("camera_image", image(ImageCoding.JPEG, b"\xff\xd8 some jpeg \xff\xd9")))
    (row,) = decoded(path, "/camera_image")
    assert (row.format, row.data) == ("jpeg", b"\xff\xd8 some jpeg \xff\xd9")


def test_a_picture_has_boxes_of_what_is_there_and_of_what_is_believed(with_raw):
    path = with_raw(delivered("camera_image", image(ImageCoding.RGB8, bytes(640 * 360 * 3))))
    (notes,) = decoded(path, "/camera_image/annotations")
    (calibration,) = decoded(path, "/camera_image/calibration")
    texts = [text.text for text in notes.texts]
    assert "target" in texts
    box = notes.points[texts.index("target")]
    assert [(point.x, point.y) for point in box.points] == [(310, 170), (330, 170), (330, 190), (310, 190)]
    believed = notes.points[1 - texts.index("target")]
    xs, ys = [point.x for point in believed.points], [point.y for point in believed.points]
    assert min(xs) < calibration.K[2] < max(xs)  # straight ahead
    assert calibration.K[5] < max(ys) < calibration.height  # on the road, below the horizon
    assert any("unknown" in text or "vehicle" in text for text in texts)


def test_point_clouds_are_drawn_as_measured_and_kept_with_every_column(with_raw):
    points = np.array([[1.0, 2.0, 3.0, 0.5], [4.0, -5.0, 6.0, 0.25]], np.float32)
    scan = LidarScan(points=points, rings=np.array([3, 9], np.uint8), offsets_ns=np.array([-7, 70_000], np.int32))
    path = with_raw(delivered("lidar", scan))
    (cloud,) = decoded(path, "/lidar")
    assert {field.type for field in cloud.fields} == {7}  # FLOAT32
    assert [(field.name, field.offset) for field in cloud.fields] == [
        ("x", 0),
        ("y", 4),
        ("z", 8),
        ("reflectivity", 12),
    ]
    assert cloud.point_stride == 16
    assert cloud.data == points.tobytes()
    (entry,) = read_tolerant(path).entries((contents.DELIVERED_RAW,))
    assert encode(entry.value.payload) == encode(scan)


def test_positions_are_drawn_while_there_is_one(with_raw):
    fix = GnssFix(
        kind=FixKind.SINGLE, latitude_rad=0.9, longitude_rad=0.2, height_m=50.0, horizontal_sigma_m=1.5,
        vertical_sigma_m=3.0, speed_mps=20.0, course_rad=0.0, satellites=11,
    )  # fmt: skip
    path = with_raw(delivered("gnss", fix), delivered("gnss", replace(fix, kind=FixKind.NONE)))
    (place,) = decoded(path, "/gnss")
    assert place.latitude == pytest.approx(np.degrees(0.9))
    assert place.heading == pytest.approx(np.pi / 2)  # east
    assert place.position_covariance[8] == 9.0


# -- what goes wrong ----------------------------------------------------------------------------


def test_until_the_run_has_ended_the_file_is_called_a_part(plain_run, tmp_path):
    path = tmp_path / "run.mcap"
    with Logbook(path) as logbook:
        played = plain_run.prepared.play(observe=logbook.observe)
        assert not path.exists()
        assert (tmp_path / "run.mcap.part").exists()
        logbook.finish(played)
    assert [entry.name for entry in tmp_path.iterdir()] == ["run.mcap"]


def test_a_run_that_breaks_off_leaves_a_part_that_can_be_read(plain_run, tmp_path):
    class Breaks(Exception):
        pass

    def observe(playing):
        observer = logbook.observe(playing)

        class Broken:
            def __getattr__(self, name):
                return getattr(observer, name)

            def note_truth(self, frame):
                observer.note_truth(frame)
                if frame.at >= 3_000_000_000:
                    raise Breaks

        return Broken()

    with pytest.raises(Breaks), Logbook(tmp_path / "run.mcap") as logbook:
        plain_run.prepared.play(observe=observe)
    assert [entry.name for entry in tmp_path.iterdir()] == ["run.mcap.part"]
    recording = read_tolerant(tmp_path / "run.mcap.part")
    assert recording.ended is None
    assert recording.cut
    assert max(entry.at for entry in recording.entries()) >= 2_500_000_000


KILLED = """
import os, signal, sys
from pathlib import Path
from types import SimpleNamespace
from scenarios.assembly import RunRequest, prepare
from scenarios.logbook.writing import Logbook

path = Path(sys.argv[1])
with Logbook(path) as logbook:
    def observe(playing):
        observer = logbook.observe(playing)
        note = observer.note_truth
        def note_truth(frame):
            note(frame)
            if frame.at >= 4_200_000_000:
                os.kill(os.getpid(), signal.SIGKILL)
        observer.note_truth = note_truth
        return observer
    prepare(RunRequest(scenario="truck_meets_stationary_car", seed=1)).play(observe=observe)
"""


def test_after_kill_9_everything_up_to_the_last_chunk_can_be_read(plain_run, tmp_path):
    path = tmp_path / "run.mcap"
    done = subprocess.run([sys.executable, "-c", KILLED, str(path)], cwd=Path.cwd(), capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    assert [entry.name for entry in tmp_path.iterdir()] == ["run.mcap.part"]
    part = tmp_path / "run.mcap.part"
    recording = read_tolerant(part)
    assert recording.ended is None
    frames = [entry.value["at"] for entry in recording.entries((contents.TRUTH,))]
    assert frames == list(range(0, frames[-1] + 1, 10_000_000))
    assert 3_900_000_000 <= frames[-1] <= 4_200_000_000
    with part.open("rb") as stream:
        rows, problem = _until_it_breaks(NonSeekingReader(stream).iter_messages(log_time_order=False))
    assert len([channel for _, channel, _ in rows if channel.topic == contents.TRUTH]) == len(frames)
    assert problem is not None
    with part.open("rb") as stream:
        records, _ = _until_it_breaks(StreamReader(stream, validate_crcs=True).records)
    assert len(records) > len(rows)


def _until_it_breaks(rows):
    found = []
    try:
        for row in rows:
            found.append(row)
    except Exception as problem:
        return found, problem
    return found, None


def test_a_place_that_cannot_hold_the_file_is_refused_before_the_run(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(InputError, match=r"run\.mcap: recording: cannot be written: "):
        Logbook(tmp_path / "file" / "run.mcap")
    (tmp_path / "run.mcap").mkdir()
    with pytest.raises(InputError, match="there is a folder of this name"):
        Logbook(tmp_path / "run.mcap")
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["file", "run.mcap"]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="a device that is always full")
def test_a_full_disk_is_a_clear_error_and_nothing_stays_behind(tmp_path):
    (tmp_path / "run.mcap.part").symlink_to("/dev/full")
    with pytest.raises(MachineryError, match=r"run\.mcap: recording: cannot be written: No space left on device"):
        Tape(tmp_path / "run.mcap")
    assert list(tmp_path.iterdir()) == []


FULL = """
import resource, sys
from pathlib import Path
from types import SimpleNamespace
from scenarios.assembly import RunRequest, prepare
from scenarios.logbook.writing import Logbook
from stack.vocabulary import MachineryError

prepared = prepare(RunRequest(scenario="truck_meets_stationary_car", seed=1))
prepared.play()
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
try:
    with Logbook(Path(sys.argv[1])) as logbook:
        logbook.finish(prepared.play(observe=logbook.observe))
except MachineryError as problem:
    print(problem)
"""


def test_a_disk_that_fills_up_during_the_run_is_a_clear_error_too(plain_run, tmp_path):
    path = tmp_path / "run.mcap"
    done = subprocess.run([sys.executable, "-c", FULL, str(path)], capture_output=True, text=True, check=False)
    assert "run.mcap: recording: cannot be written: File too large; nothing of it is kept" in done.stdout, done.stderr
    assert list(tmp_path.iterdir()) == []

"""What the recorder writes is what was, however the file ends."""

import os
import struct
from time import perf_counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.episode.actors import RECORD, VEHICLE, Registry
from sim.episode.recorder import Recorder
from sim.episode.recording_file import (
    LEAN,
    LEAN_SPANS,
    LETTERS,
    RICH,
    RICH_SPANS,
    Recording,
    Unplayable,
    path_in,
)
from sim.episode.recording_text import Recordings
from sim.episode.scene import TouchSeen
from tests.sim.episode.crew import CAMERA, CAR, NOWHERE, WALKER, cars, joined, lit, pedals, put

MAP, DATE = "Carla/Maps/urban", "2024-05-04 12:30"
FINITE = st.floats(-1e6, 1e6, width=32)


def recorded(folder, registry, ticks, name="a.rec", additional=False, touches=()):
    recorder = Recorder(folder)
    assert recorder.start(name, additional, MAP, DATE).startswith("Recording to ")
    for tick in range(ticks):
        recorder.note(100 + tick, 7.0 + 0.05 * tick, registry, touches)
    recorder.stop()
    return folder / name


def shots_of(path):
    with Recording(path, path.name) as recording:
        return [shot for _, shot in recording.shots()], recording


def touch(first, second=None):
    return TouchSeen(first.struct, second.struct if second else None, 0, (1.0, 0.0, 0.0))


def test_the_kept_bytes_are_those_of_the_record_fields():
    at = {name: RECORD.fields[name][1] for name in RECORD.names}
    control_end = VEHICLE.fields["limit_kmh"][1]
    assert ((at["location"], at["spin"]), (at["rest"], control_end)) == LEAN_SPANS
    assert ((at["location"], at["rest"]), (at["rest"], VEHICLE.fields["rest"][1])) == RICH_SPANS
    for spans, row in ((LEAN_SPANS, LEAN), (RICH_SPANS, RICH)):
        assert sum(end - first for first, end in spans) == row.itemsize


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(*[FINITE] * 9), min_size=1, max_size=6), st.booleans())
def test_places_turns_and_velocities_come_back_as_they_were(tmp_path_factory, rows, additional):
    folder = tmp_path_factory.mktemp("records")
    registry = cars(len(rows))
    for actor, row in zip(registry.order, rows, strict=True):
        put(registry, actor, row[0:3], row[3:6], row[6:9])
    shots, recording = shots_of(recorded(folder, registry, 2, additional=additional))
    assert not recording.torn
    for shot in shots:
        read = np.frombuffer(shot.rows, recording.row)
        for name, k in (("location", 0), ("rotation", 3), ("velocity", 6)):
            assert np.array_equal(read[name], np.array([row[k : k + 3] for row in rows], np.float32))
    assert np.frombuffer(shots[0].bodies, "<u4").tolist() == [actor.id for actor in registry.order]


def test_an_actor_is_noted_when_it_comes_and_when_it_goes(tmp_path):
    registry, recorder = cars(1), Recorder(tmp_path)
    recorder.start("a.rec", False, MAP, DATE)
    recorder.note(1, 0.0, registry)
    late = joined(registry, WALKER, role="late")
    recorder.note(2, 0.05, registry)
    registry.remove(late)
    recorder.note(3, 0.1, registry)
    recorder.note(4, 0.15, registry)
    recorder.stop()
    shots, _ = shots_of(tmp_path / "a.rec")
    assert [[one.description.id for one in shot.came] for shot in shots] == [[CAR], [WALKER], [], []]
    assert [shot.gone for shot in shots] == [(), (), (late.id,), ()]
    assert [shot.recast for shot in shots] == [True, True, True, False]
    assert shots[1].came[0].description.attribute("role_name") == "late"


def test_an_empty_world_after_a_full_one_is_read_as_empty(tmp_path):
    registry, recorder = cars(1), Recorder(tmp_path)
    recorder.start("a.rec", False, MAP, DATE)
    recorder.note(1, 0.0, registry)
    registry.remove(registry.order[0])
    recorder.note(2, 0.05, registry)
    recorder.note(3, 0.1, registry)
    recorder.stop()
    shots, recording = shots_of(tmp_path / "a.rec")
    assert [len(shot.rows) for shot in shots] == [LEAN.itemsize, 0, 0]
    assert not recording.torn


def test_an_attached_sensor_is_noted_by_its_place_on_its_parent(tmp_path):
    registry = Registry()
    car = joined(registry, CAR)
    joined(registry, CAMERA, parent=car, at=NOWHERE._replace(x_m=1.5, z_m=2.0, yaw_rad=0.5))
    came = shots_of(recorded(tmp_path, registry, 1))[0][0].came[1]
    assert came.parent_id == car.id
    assert came.transform.location == pytest.approx((1.5, 0.0, 2.0))
    assert came.transform.rotation == pytest.approx((0.0, -np.degrees(0.5), 0.0))


def test_lights_are_noted_when_they_change_only(tmp_path):
    registry, recorder = Registry(), Recorder(tmp_path)
    light = joined(registry, "traffic.traffic_light", sign_id="17")
    recorder.start("a.rec", False, MAP, DATE)
    for tick, state in enumerate((0, 0, 2, 2)):
        lit(registry, light, state)
        recorder.note(tick, 0.05 * tick, registry)
    recorder.stop()
    shots, _ = shots_of(tmp_path / "a.rec")
    assert [bool(shot.lights) for shot in shots] == [True, False, True, False]
    assert shots[0].came[0].sign_id == "17"


def test_a_torn_file_is_read_up_to_where_it_is_torn(tmp_path):
    path = recorded(tmp_path, cars(3), 20)
    whole = path.read_bytes()
    for cut in range(len(whole) - 400, len(whole), 7):
        path.write_bytes(whole[:cut])
        shots, recording = shots_of(path)
        assert recording.torn
        assert len(shots) in (17, 18, 19)
        assert [shot.frame for shot in shots] == list(range(100, 100 + len(shots)))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_damaged_file_gives_texts_and_never_an_exception(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("damaged")
    path = recorded(folder, cars(2), 5, additional=data.draw(st.booleans()))
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 5))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(bytes(content))
    texts = Recordings(folder)
    for text in (texts.file_info("a.rec", True), texts.collisions("a.rec", "a", "a"),
                 texts.actors_blocked("a.rec", 0.0, 1.0)):  # fmt: skip
        assert text.endswith("\n")
        assert len(text) > 10


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300), st.booleans())
def test_garbage_is_called_no_recording(tmp_path_factory, garbage, lettered):
    folder = tmp_path_factory.mktemp("garbage")
    (folder / "a.rec").write_bytes((LETTERS if lettered else b"") + garbage)
    assert "'a.rec'" in Recordings(folder).file_info("a.rec", False)
    assert Recordings(folder).map_of("a.rec") is None


@pytest.mark.parametrize(
    "name",
    ["../x", "../../etc/x", "/etc/passwd", "a/../../x", "..", ".", "", "a//b", "~/x", "C:\\x", "a\\b", "x\0y", "a\nb",
     "a/b/c/d/e", "n" * 200],
)  # fmt: skip
def test_a_name_that_leaves_the_folder_is_refused_with_a_text(tmp_path, name):
    folder = tmp_path / "records"
    folder.mkdir()
    recorder = Recorder(folder)
    assert recorder.start(name, False, MAP, DATE).startswith("Not recording: ")
    assert not recorder.recording
    assert Recordings(folder).file_info(name, False).startswith("recordings ")
    assert list(tmp_path.rglob("*")) == [folder]


def test_a_link_does_not_lead_out_of_the_folder(tmp_path):
    folder = tmp_path / "records"
    folder.mkdir()
    (folder / "out").symlink_to(tmp_path)
    with pytest.raises(Unplayable):
        path_in(folder, "out/x.rec")


@settings(deadline=None)
@given(st.text(max_size=30))
def test_whatever_a_name_is_its_file_is_inside_the_folder(tmp_path_factory, name):
    folder = tmp_path_factory.getbasetemp()
    try:
        path = path_in(folder, name)
    except Unplayable:
        return
    assert os.path.commonpath([path.resolve(), folder.resolve()]) == str(folder.resolve())
    assert path != folder


def test_a_missing_recording_is_told_by_name(tmp_path):
    assert Recordings(tmp_path).file_info("none.rec", False).startswith("there is no recording 'none.rec'")


def test_a_folder_in_the_name_is_made(tmp_path):
    assert recorded(tmp_path, cars(1), 1, name="night/run 7.log").is_file()


def test_starting_again_ends_the_first_recording(tmp_path):
    registry, recorder = cars(1), Recorder(tmp_path)
    for name in ("a.rec", "b.rec"):
        recorder.start(name, False, MAP, DATE)
        recorder.note(1, 0.0, registry)
    recorder.stop()
    recorder.note(2, 0.05, registry)
    assert [len(shots_of(tmp_path / name)[0]) for name in ("a.rec", "b.rec")] == [1, 1]


def test_a_full_disk_ends_the_recording_and_nothing_else(tmp_path):
    recorder = Recorder(tmp_path)
    recorder.start("a.rec", False, MAP, DATE)
    recorder._writer._file.close()
    recorder._writer._file = open("/dev/full", "wb", buffering=0)  # noqa: SIM115
    recorder.note(5, 0.0, cars(1))
    assert not recorder.recording
    assert "frame 5" in recorder.problem


def test_the_info_names_map_date_actors_and_length(tmp_path):
    registry = cars(2)
    joined(registry, WALKER, role="crossing")
    recorded(tmp_path, registry, 41)
    text = Recordings(tmp_path).file_info("a.rec", False)
    for part in (f"Map: {MAP}", f"Date: {DATE}", "Version: 1", "Frames: 41", "Duration: 2 seconds",
                 f" Create 1: {CAR} (v) at (0, 0, 0)", "  role_name = crossing"):  # fmt: skip
        assert part in text
    assert "Positions" not in text
    assert Recordings(tmp_path).file_info("a.rec", True).count(" Positions: 3") == 41


def test_a_contact_is_listed_once_when_it_begins(tmp_path):
    registry = Registry()
    hero, other, walker = joined(registry, CAR, role="hero"), joined(registry, CAR), joined(registry, WALKER)
    recorder = Recorder(tmp_path)
    recorder.start("a.rec", False, MAP, DATE)
    both = (touch(other, hero), touch(hero, other))
    for tick, touches in enumerate(((), both, both, (), (touch(walker),), both)):
        recorder.note(tick, 1.0 * tick, registry, touches)
    recorder.stop()
    texts = Recordings(tmp_path)

    def lines(type1, type2):
        return [line.split()[:4] for line in texts.collisions("a.rec", type1, type2).splitlines() if ".00 " in line]

    assert lines("h", "v") == [["1.00", "h", "v", "1"], ["5.00", "h", "v", "1"]]
    assert lines("v", "h") == [["1.00", "v", "h", "2"], ["5.00", "v", "h", "2"]]
    assert lines("w", "a") == [["4.00", "w", "o", "3"]]
    assert len(lines("a", "a")) == 3
    assert lines("t", "a") == []
    assert "sorts of actors" in texts.collisions("a.rec", "x", "a")


def test_who_stands_still_long_enough_is_listed_longest_first(tmp_path):
    registry = Registry()
    still, slow, quick = (joined(registry, CAR) for _ in range(3))
    recorder = Recorder(tmp_path)
    recorder.start("a.rec", False, MAP, DATE)
    for tick in range(31):
        put(registry, slow, (max(tick - 20, 0) * 2.0, 0.0, 0.0))
        put(registry, quick, (tick * 2.0, 0.0, 0.0))
        recorder.note(tick, 1.0 * tick, registry)
    recorder.stop()
    text = Recordings(tmp_path).actors_blocked("a.rec", 10.0, 1.0)
    rows = [line.split() for line in text.splitlines() if CAR in line]
    assert [(row[1], float(row[3])) for row in rows] == [(str(still.id), 30.0), (str(slow.id), 21.0)]


def test_a_minute_of_a_hundred_vehicles_is_small(tmp_path):
    ticks = 100
    registry = cars(100)
    for additional, most in ((False, 15e6), (True, 15e6)):
        size = os.path.getsize(recorded(tmp_path, registry, ticks, additional=additional))
        assert size * 1200 / ticks < most


def test_controls_are_kept(tmp_path):
    registry = cars(1)
    pedals(registry, registry.order[0], 0.25, -0.5, 3)
    shots, recording = shots_of(recorded(tmp_path, registry, 1))
    control = bytes(np.frombuffer(shots[0].rows, recording.row)["control"][0].tobytes())
    assert struct.unpack_from("<fff???i", control) == (0.25, -0.5, 0.0, False, False, False, 3)


@pytest.mark.benchmark_speed
def test_noting_a_hundred_actors_takes_less_than_a_fifth_of_a_millisecond(tmp_path):
    registry, recorder = cars(100), Recorder(tmp_path)
    recorder.start("a.rec", True, MAP, DATE)
    recorder.note(0, 0.0, registry)
    spent_s = []
    for tick in range(1, 500):
        begin_s = perf_counter()
        recorder.note(tick, 0.05 * tick, registry)
        spent_s.append(perf_counter() - begin_s)
    recorder.stop()
    assert sorted(spent_s)[len(spent_s) // 2] < 0.2e-3

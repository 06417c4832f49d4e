"""What the replayer shows is what was recorded, on whatever is there now."""

import struct
import zlib

import msgpack
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.episode.actors import Registry
from sim.episode.recorder import Recorder
from sim.episode.recording_file import LETTERS, VERSION
from sim.episode.recording_text import Recordings
from sim.episode.replayer import Replayer, ReplaySettings
from sim.episode.structs import ORIGIN, Rotation, Transform, Vector3D
from tests.sim.episode.crew import CAMERA, CAR, WALKER, Stage, joined, lit, pedals, put

SPEED_MPS, STEP_S, TICKS = 10.0, 0.1, 21
BEHIND = Transform(Vector3D(-10.0, 0.0, 5.0), Rotation(-25.0, 0.0, 0.0))


PLAYERS = []


@pytest.fixture(autouse=True)
def every_player_is_stopped():
    yield
    while PLAYERS:
        PLAYERS.pop().stop(keep_actors=True)


def player_of(folder, stage, settings=None):
    PLAYERS.append(Replayer(Recordings(folder), stage, settings))
    return PLAYERS[-1]


class Told:
    """A recording of two seconds: a hero at 10 m/s, a walker from 0.5 s to 1.5 s, a light that turns green at 1 s."""

    def __init__(self, folder):
        self.registry, recorder = Registry(), Recorder(folder)
        self.spectator = joined(self.registry, "spectator")
        self.light = joined(self.registry, "traffic.traffic_light", sign_id="17")
        self.hero = joined(self.registry, CAR, role="hero")
        self.camera = joined(self.registry, CAMERA, parent=self.hero)
        self.walker = None
        recorder.start("a.rec", False, "Carla/Maps/urban", "today")
        for tick in range(TICKS):
            self._tick(tick)
            recorder.note(tick, 50.0 + STEP_S * tick, self.registry)
        recorder.stop()

    def _tick(self, tick):
        if tick == 5:
            self.walker = joined(self.registry, WALKER)
        if tick == 15:
            self.registry.remove(self.walker)
        x = SPEED_MPS * STEP_S * tick
        put(self.registry, self.hero, (x, 2.0, 0.0), (0.0, 175.0 + tick, 0.0), (SPEED_MPS, 0.0, 0.0))
        pedals(self.registry, self.hero, 0.5, 0.1, 2)
        put(self.registry, self.spectator, (0.0, 0.0, 100.0 + tick))
        lit(self.registry, self.light, 2 if tick >= 10 else 0)
        self.hero.lights = 2 if tick >= 10 else 0


def begun(folder, stage=None, start_s=0.0, duration_s=0.0, follow=0, sensors=False, **settings):
    told = Told(folder)
    stage = stage or Stage()
    player = player_of(folder, stage, ReplaySettings(**settings))
    text = player.replay("a.rec", start_s, duration_s, follow, sensors, BEHIND)
    return told, stage, player, text


def only(stage, kind):
    (found,) = [actor_id for actor_id, living in stage.living.items() if living == kind]
    return found


def test_the_first_moment_is_shown_at_once(tmp_path):
    told, stage, player, text = begun(tmp_path)
    car = only(stage, CAR)
    assert stage.where[car].location == pytest.approx((0.0, 2.0, 0.0))
    assert stage.held[car]
    assert stage.lights == {"17": 0}
    assert stage.lights_held
    assert CAMERA not in stage.living.values()
    assert "From 0 s to 2 s of 2 s" in text
    assert "Actors: 1, of them 1 new" in text
    assert player.replaying
    assert told.hero.id not in stage.living


@pytest.mark.parametrize("step_s", [0.1, 0.037, 0.5])
def test_between_two_ticks_everybody_is_on_the_straight_way(tmp_path, step_s):
    _, stage, player, _ = begun(tmp_path)
    car, now_s = only(stage, CAR), 0.0
    while player.step(step_s):
        now_s = min(now_s + step_s, 2.0)
        assert stage.where[car].location.x == pytest.approx(SPEED_MPS * now_s, abs=1e-4)
        turn = (stage.where[car].rotation.yaw - 175.0 - now_s / STEP_S + 180.0) % 360.0 - 180.0
        assert turn == pytest.approx(0.0, abs=1e-3)
        assert stage.controls[car].throttle == 0.5
        assert stage.controls[car].gear == 2
    assert stage.where[car].location.x == pytest.approx(20.0)


def test_who_comes_and_goes_comes_and_goes_again(tmp_path):
    _, stage, player, _ = begun(tmp_path)
    seen = []
    for _ in range(20):
        player.step(STEP_S)
        seen.append(WALKER in stage.living.values())
    assert seen == [5 <= tick < 15 for tick in range(1, 21)]


def test_passing_over_many_ticks_at_once_loses_nothing(tmp_path):
    _, stage, player, _ = begun(tmp_path)
    player.step(1.2)
    assert WALKER in stage.living.values()
    assert stage.lights == {"17": 2}
    assert stage.lamps[only(stage, CAR)] == 2
    player.step(0.7)
    assert WALKER not in stage.living.values()


def test_passing_over_a_whole_life_spawns_nobody(tmp_path):
    _, stage, player, _ = begun(tmp_path)
    player.step(1.9)
    assert list(stage.living.values()) == [CAR]


@pytest.mark.parametrize(("start_s", "x_m", "walks"), [(1.0, 10.0, True), (-0.25, 17.5, False), (99.0, 20.0, False)])
def test_a_start_in_the_middle_shows_those_who_are_there_then(tmp_path, start_s, x_m, walks):
    _, stage, _, _ = begun(tmp_path, start_s=start_s)
    car = only(stage, CAR)
    assert stage.where[car].location.x == pytest.approx(x_m, abs=1e-4)
    assert stage.spawned_at[car].location.x == pytest.approx(x_m, abs=1e-4)
    assert (WALKER in stage.living.values()) == walks


def test_a_duration_ends_it_and_everybody_is_released_where_they_are(tmp_path):
    _, stage, player, _ = begun(tmp_path, start_s=0.5, duration_s=1.0)
    assert [player.step(0.4) for _ in range(4)] == [True, True, False, False]
    car = only(stage, CAR)
    assert stage.where[car].location.x == pytest.approx(15.0, abs=1e-4)
    assert not stage.held[car]
    assert not stage.lights_held


def test_actors_that_live_still_play_themselves(tmp_path):
    told = Told(tmp_path)
    stage = Stage({told.hero.id: CAR, 77: WALKER})
    player = player_of(tmp_path, stage)
    player.replay("a.rec", 0.0, 0.0, 0, False, ORIGIN)
    assert stage.living == {told.hero.id: CAR, 77: WALKER}
    player.step(1.0)
    assert stage.where[told.hero.id].location.x == pytest.approx(10.0)
    player.stop(keep_actors=False)
    assert stage.living == {told.hero.id: CAR, 77: WALKER}
    assert not stage.held[told.hero.id]


@pytest.mark.parametrize("keep", [True, False])
def test_stopping_takes_the_new_ones_away_unless_they_are_kept(tmp_path, keep):
    _, stage, player, _ = begun(tmp_path)
    player.step(1.0)
    player.stop(keep_actors=keep)
    assert bool(stage.living) == keep
    assert not player.step(1.0)


def test_the_hero_can_be_left_out(tmp_path):
    _, stage, player, text = begun(tmp_path, ignore_hero=True)
    player.step(1.0)
    assert list(stage.living.values()) == [WALKER]
    assert "Actors: 0" in text


def test_sensors_are_brought_in_with_their_parents_when_asked(tmp_path):
    _, stage, _, _ = begun(tmp_path, sensors=True)
    assert stage.parents[only(stage, CAMERA)] == only(stage, CAR)


def test_a_slower_time_shows_slower_motion(tmp_path):
    _, stage, player, _ = begun(tmp_path, time_factor=0.5)
    player.step(1.0)
    car = only(stage, CAR)
    assert stage.where[car].location.x == pytest.approx(5.0, abs=1e-4)
    assert stage.velocities[car] == pytest.approx((5.0, 0.0, 0.0))


def test_a_time_factor_of_zero_stands_still(tmp_path):
    _, stage, player, _ = begun(tmp_path, time_factor=0.0)
    assert all(player.step(1.0) for _ in range(5))
    assert stage.where[only(stage, CAR)].location.x == 0.0


def test_the_spectator_follows_behind_whom_it_should(tmp_path):
    told = Told(tmp_path)
    stage = Stage()
    player_of(tmp_path, stage).replay("a.rec", 0.5, 0.0, told.hero.id, False, BEHIND)
    assert stage.spectator.location == pytest.approx((15.0, 2.0, 5.0), abs=1e-3)  # the hero looks back: yaw 180
    assert stage.spectator.rotation.pitch == pytest.approx(-25.0)


@pytest.mark.parametrize("ignored", [True, False])
def test_the_recorded_spectator_is_shown_unless_ignored(tmp_path, ignored):
    _, stage, player, _ = begun(tmp_path, ignore_spectator=ignored)
    player.step(1.0)
    assert stage.spectator is None if ignored else stage.spectator.location.z == pytest.approx(110.0)


def test_who_cannot_be_spawned_is_left_out_and_counted(tmp_path):
    stage = Stage()
    stage.refuses = {CAR}
    _, _, player, text = begun(tmp_path, stage=stage)
    assert "could not be spawned: 1" in text
    player.step(1.0)
    assert list(stage.living.values()) == [WALKER]


def test_an_actor_taken_out_by_someone_else_is_let_go(tmp_path):
    _, stage, player, _ = begun(tmp_path)
    del stage.living[only(stage, CAR)]
    assert player.step(1.0)
    assert list(stage.living.values()) == [WALKER]
    player.stop(keep_actors=False)
    assert stage.living == {}


def test_what_was_put_elsewhere_is_not_drawn_through_the_map(tmp_path):
    registry, recorder = Registry(), Recorder(tmp_path)
    car = joined(registry, CAR)
    recorder.start("a.rec", False, "m", "d")
    for tick, x in enumerate((0.0, 500.0)):
        put(registry, car, (x, 0.0, 0.0), velocity=(10.0, 0.0, 0.0))
        recorder.note(tick, 0.1 * tick, registry)
    recorder.stop()
    stage = Stage()
    player = player_of(tmp_path, stage)
    player.replay("a.rec", 0.0, 0.0, 0, False, ORIGIN)
    player.step(0.05)
    assert stage.where[only(stage, CAR)].location.x == 0.0


def test_closing_tells_nobody_anything(tmp_path):
    _, stage, player, _ = begun(tmp_path)
    player.close()
    assert not player.replaying
    assert stage.lights_held
    player.stop(keep_actors=False)
    assert list(stage.living.values()) == [CAR]


def test_a_missing_recording_is_told(tmp_path):
    text = player_of(tmp_path, Stage()).replay("none.rec", 0.0, 0.0, 0, False, ORIGIN)
    assert text.startswith("Not replaying: there is no recording 'none.rec'")


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**31), 2**63)
    | st.floats()
    | st.text(max_size=5)
    | st.binary(max_size=80),
    lambda inner: st.lists(inner, max_size=10),
    max_leaves=40,
)
TICK = st.tuples(
    st.integers(0, 9), st.floats(-1.0, 9.0), st.lists(VALUES, max_size=2), st.lists(st.integers(0, 9), max_size=2),
    st.booleans(), st.binary(max_size=8), st.binary(max_size=110), st.binary(max_size=12),
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=2), st.just([]),
)  # fmt: skip


@st.composite
def whole_ticks(draw):
    """A tick that can be read, with any numbers in it."""
    count = draw(st.integers(0, 3))
    finite = st.floats(allow_nan=False, allow_infinity=False)
    triple = st.tuples(finite, finite, finite)
    kinds = st.sampled_from([CAR, WALKER, CAMERA, "spectator", "traffic.traffic_light", "static.prop.bench01"])
    cast = st.tuples(st.integers(0, 9), st.integers(0, 9), st.tuples(st.just(1), kinds, st.just([])),
                     st.tuples(triple, triple), st.text(max_size=3))  # fmt: skip
    return (
        draw(st.integers(0, 9)), draw(st.floats(0.0, 5.0)), draw(st.lists(cast, max_size=4)),
        draw(st.lists(st.integers(0, 9), max_size=2)), True, draw(st.lists(st.integers(0, 9), min_size=count,
        max_size=count).map(lambda ids: struct.pack(f"<{count}I", *ids))), draw(st.binary(min_size=55 * count,
        max_size=55 * count)), draw(st.sampled_from([b"", bytes(6), b"\x01\0\0\0\0\x09"])),
        draw(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 2**40)), max_size=2)), [],
    )  # fmt: skip


def _block(content):
    packed = msgpack.packb(content)
    return struct.pack("<II", len(packed), zlib.crc32(packed)) + packed


@settings(max_examples=150, deadline=None)
@given(st.lists(VALUES | TICK, max_size=2) | st.lists(whole_ticks(), max_size=5))
def test_a_file_of_whole_blocks_with_anything_in_them_does_no_harm(tmp_path_factory, blocks):
    folder = tmp_path_factory.mktemp("anything")
    heading = _block((VERSION, "m", "d", False))
    (folder / "a.rec").write_bytes(LETTERS + heading + b"".join(_block(one) for one in blocks))
    texts, stage = Recordings(folder), Stage()
    player = Replayer(texts, stage)
    told = (texts.file_info("a.rec", True), texts.collisions("a.rec", "a", "a"),
            texts.actors_blocked("a.rec", 0.0, 1.0), player.replay("a.rec", 0.0, 0.0, 1, True, ORIGIN))  # fmt: skip
    assert all(text.endswith("\n") for text in told)
    for _ in range(10):
        player.step(0.7)
    player.stop(keep_actors=False)
    assert stage.living == {}

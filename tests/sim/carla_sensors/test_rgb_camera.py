"""The RGB camera: exposure, coding, lamps, signals, and that a picture is a function of its scene."""

from types import SimpleNamespace

import numpy as np
import pytest

from sim.carla_sensors import stage
from sim.carla_sensors.company import Company, lit_lamps
from sim.carla_sensors.rgb_camera import NOT_USED, RgbCamera
from sim.episode.scene import Pose
from sim.episode.structs import Refused, WeatherParameters
from sim.scenery.materials import Lamp, Semantic
from sim.scenery.signals import signal
from tests.sim.carla_sensors import stages

PLACE = stages.town(stages.floor(), stages.wall(60.0, 30.0, "facade_plaster"))
NIGHT = WeatherParameters(sun_altitude_angle=-60.0)
SMALL = {**stages.SMALL, "fov": "60"}


def picture(scene, mounted=None, **attributes):
    """(h, w, 3) RGB."""
    model = stages.sensor("sensor.camera.rgb", {**SMALL, **{key: str(value) for key, value in attributes.items()}})
    return stages.image(model.sense(scene, mounted or stages.mounted())[0])[:, :, 2::-1].astype(np.float64)


def test_an_automatic_exposure_keeps_the_picture_neither_black_nor_white():
    for weather in (
        WeatherParameters(),
        WeatherParameters(cloudiness=100.0),
        WeatherParameters(sun_altitude_angle=4.0),
    ):
        mean = picture(stages.scene(PLACE, weather=weather)).mean()
        assert 80.0 < mean < 200.0


def test_a_night_stays_darker_than_a_day():
    day, night = (picture(stages.scene(PLACE, weather=weather)).mean() for weather in (WeatherParameters(), NIGHT))
    assert night < 0.7 * day


def test_compensation_brightens_and_manual_settings_expose_as_a_camera_does():
    scene = stages.scene(PLACE)
    means = [picture(scene, exposure_compensation=stops).mean() for stops in (-1.0, 0.0, 1.0)]
    assert means[0] < means[1] < means[2]
    fast = picture(scene, exposure_mode="manual", shutter_speed=2000.0, fstop=8.0)
    slow = picture(scene, exposure_mode="manual", shutter_speed=500.0, fstop=8.0)
    same = picture(scene, exposure_mode="manual", shutter_speed=500.0, fstop=8.0, iso=50.0, exposure_compensation=1.0)
    assert fast.mean() < slow.mean() and np.array_equal(slow, same)


def test_without_postprocessing_bright_parts_are_cut_off():
    scene = stages.scene(PLACE)
    plain = picture(scene, enable_postprocess_effects="false", exposure_compensation=3.0)
    toned = picture(scene, exposure_compensation=3.0)
    assert (plain == 255.0).mean() > (toned == 255.0).mean()


def test_a_higher_gamma_lifts_the_dark_parts():
    scene = stages.scene(PLACE)
    assert picture(scene, gamma=3.0).mean() > picture(scene).mean() > picture(scene, gamma=1.6).mean()


def test_a_body_has_the_colour_of_its_attribute():
    def car(colour):
        ahead = (8.0, 0.0, 0.0, 0.0, 0.0, 0.0)
        return picture(stages.scene(PLACE, (stages.CAR, ahead, {"colour": colour})))

    red, blue = car((255, 0, 0)), car((0, 0, 255))
    unlike = np.abs(red - blue).sum(axis=2) > 100.0
    assert unlike.sum() > 200
    assert red[unlike][:, 0].mean() > 2.0 * red[unlike][:, 2].mean()
    assert blue[unlike][:, 2].mean() > 2.0 * blue[unlike][:, 0].mean()


def test_light_flags_light_their_lamps_and_blinkers_flash():
    flags = np.array([0, 1, 2, 8, 16, 32, 48, 64], dtype=np.int32)
    tail, head, brake = 1 << Lamp.TAIL, 1 << Lamp.HEAD, 1 << Lamp.BRAKE
    left, right = 1 << Lamp.LEFT_INDICATOR, 1 << Lamp.RIGHT_INDICATOR
    assert lit_lamps(flags, 0).tolist() == [0, tail, head | tail, brake, right, left, left | right, 0]
    assert lit_lamps(flags, 400_000_000).tolist() == [0, tail, head | tail, brake, 0, 0, 0, 0]


def test_a_brake_lamp_glows_red():
    ahead = (7.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    dark, braking = (
        picture(stages.scene(PLACE, (stages.CAR, ahead, {"lights": lights, "colour": (20, 20, 20)}), weather=NIGHT))
        for lights in (1, 1 | 8)
    )
    changed = np.abs(braking - dark).sum(axis=2) > 60.0
    assert 5 < changed.sum() < 500
    assert braking[changed][:, 0].mean() > braking[changed][:, 2].mean() + 40.0


@pytest.fixture
def crossing():
    """A town with one traffic light 12 m ahead that looks at us."""
    meshes = {0: signal("red"), 1: signal("amber"), 2: signal("green"), 3: signal("")}
    lamp = SimpleNamespace(pose=Pose(12.0, 0.0, -1.2, np.pi, 0.0, 0.0), meshes=meshes)
    return stages.town(stages.floor(), lamps=(lamp,))


@pytest.mark.parametrize(("state", "channel"), [(0, 0), (2, 1)])
def test_a_traffic_light_shows_its_state(crossing, state, channel):
    off = picture(stages.scene(crossing, signals=np.array([3], np.int8)))
    lit = picture(stages.scene(crossing, signals=np.array([state], np.int8)))
    glowing = np.abs(lit - off).sum(axis=2) > 100.0
    assert 3 <= glowing.sum() < 200
    others = [k for k in range(3) if k != channel]
    assert all(lit[glowing][:, channel].mean() > lit[glowing][:, k].mean() for k in others)
    rows = np.flatnonzero(glowing.any(axis=1)).mean()
    amber = np.abs(picture(stages.scene(crossing, signals=np.array([1], np.int8))) - off).sum(axis=2) > 100.0
    middle = np.flatnonzero(amber.any(axis=1)).mean()
    assert rows < middle if state == 0 else rows > middle


def test_an_unknown_state_is_dark_and_a_head_has_its_class(crossing):
    off, unknown = (picture(stages.scene(crossing, signals=np.array([k], np.int8))) for k in (3, 4))
    assert np.array_equal(off, unknown)
    semantic = stages.sensor("sensor.camera.semantic_segmentation", SMALL)
    tags = stages.image(semantic.sense(stages.scene(crossing), stages.mounted())[0])[:, :, 2]
    assert (tags == Semantic.TRAFFIC_LIGHT).sum() > 30 and (tags == Semantic.POLE).any()


def test_a_change_of_lights_keeps_the_company(crossing):
    company = Company(crossing, ())
    scenes = [stages.scene(crossing, signals=np.array([k], np.int8)) for k in (0, 2, 0)]
    red, green, again = (company.moment(scene).materials for scene in scenes)
    assert not np.array_equal(red, green) and np.array_equal(red, again)


def test_a_camera_that_saw_actors_come_and_go_draws_as_a_new_one():
    veteran = stages.sensor("sensor.camera.rgb", SMALL)
    few = ((stages.CAR, (9.0, 2.0, 0.0, 0.0, 0.0, 0.0)),)
    many = (*few, (stages.TRUCK, (18.0, -3.0, 0.0, 0.2, 0.0, 0.0)), (stages.WALKER, (6.0, -1.0, 0.0, 1.0, 0.0, 0.0)))
    for actors in (few, many, (), many):
        scene = stages.scene(PLACE, *actors, weather=WeatherParameters(precipitation=50.0, precipitation_deposits=80.0))
        old = veteran.sense(scene, stages.mounted())
        stage.forget()
        assert old == stages.sensor("sensor.camera.rgb", SMALL).sense(scene, stages.mounted())


def test_a_camera_follows_into_another_town():
    veteran = stages.sensor("sensor.camera.rgb", SMALL)
    veteran.sense(stages.scene(PLACE), stages.mounted())
    elsewhere = stages.scene(stages.town(stages.floor(material="grass")))
    assert veteran.sense(elsewhere, stages.mounted()) == stages.sensor("sensor.camera.rgb", SMALL).sense(
        elsewhere, stages.mounted()
    )


def test_a_walker_swings_with_its_way():
    def seen(way, speed):
        scene = stages.scene(
            PLACE,
            (stages.WALKER, (5.0, 0.0, 0.0, 0.5 * np.pi, 0.0, 0.0), {"way": way, "motion": (0, speed, 0, 0, 0, 0)}),
        )
        model = stages.sensor("sensor.camera.instance_segmentation", SMALL)
        return stages.image(model.sense(scene, stages.mounted())[0])[:, :, 1] == 100

    standing, stepping = seen(0.36, 0.0), seen(0.36, 1.4)
    wide = [np.ptp(np.flatnonzero(shape[60:].any(axis=0))) for shape in (standing, stepping)]
    assert wide[1] > wide[0]


@pytest.mark.parametrize(
    ("name", "value"),
    [("gamma", "0"), ("exposure_mode", "sometimes"), ("iso", "-1"), ("shutter_speed", "0"), ("fstop", "nan"),
     ("enable_postprocess_effects", "7")],
)  # fmt: skip
def test_absurd_exposures_are_refused(name, value):
    with pytest.raises(Refused, match=name):
        stages.sensor("sensor.camera.rgb", {name: value})


def test_every_attribute_without_effect_is_named_with_its_reason():
    assert RgbCamera.type_index == 13
    assert "lens_k" in NOT_USED and "gamma" not in NOT_USED
    assert all(reason and not reason.endswith(".") for reason in NOT_USED.values())

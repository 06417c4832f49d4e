"""Light in pictures: physical scale, shadows, fog by its visibility, lamps by night, wet roads, spray."""

from dataclasses import replace
from math import exp, pi, radians

import numpy as np
import pytest

from sim.camera.beams import low_beam_cd
from sim.camera.lamps import signal_at
from sim.camera.light import SKY_UP, SUN, SUN_LIGHT, light_of
from sim.scenery.shapes import box
from sim.truth import BRAKE, ActorKind
from stack.vocabulary import SimNs
from tests.sim.camera import drawn
from tests.sim.rays import scenes

AWAY = [{"x": -60.0}]
DOWN = scenes.eye((0.0, 0.0, 30.0), (0.0, pi / 2, 0.0), hidden=0)


def level_radiance(conditions, material="sign_white"):
    """Mean radiance of level ground of a plain material, seen from above."""
    picture = drawn.draw(drawn.scene_of(drawn.ground(material)), conditions, AWAY, eye=DOWN)
    return float(drawn.brightness(picture).mean())


@pytest.mark.parametrize("elevation_deg", [60.0, 25.0, 8.0])
@pytest.mark.parametrize("cloud_ratio", [0.0, 0.5, 1.0])
def test_level_ground_gets_the_illuminance_the_conditions_say(elevation_deg, cloud_ratio):
    conditions = replace(drawn.DAY, sun_elevation_rad=radians(elevation_deg), cloud_ratio=cloud_ratio)
    expected = 0.75 * conditions.illuminance_lx / pi  # reflectance 0.75, spread evenly
    assert level_radiance(conditions) == pytest.approx(expected, rel=0.04)


@pytest.mark.parametrize("elevation_deg", [70.0, 30.0, 5.0, -3.0])
def test_sun_and_sky_together_give_the_illuminance(elevation_deg):
    conditions = replace(drawn.DAY, sun_elevation_rad=radians(elevation_deg), illuminance_lx=12_000.0, cloud_ratio=0.3)
    light = light_of(conditions).astype(float)
    level = light[SKY_UP : SKY_UP + 3] + max(light[SUN + 2], 0.0) * light[SUN_LIGHT : SUN_LIGHT + 3]
    assert float(level @ drawn.LUMINANCE) == pytest.approx(12_000.0, rel=0.01)


def test_there_is_no_direct_light_under_clouds_or_below_the_horizon():
    assert not light_of(drawn.COVERED)[SUN_LIGHT : SUN_LIGHT + 3].any()
    assert not light_of(replace(drawn.DAY, sun_elevation_rad=-0.05))[SUN_LIGHT : SUN_LIGHT + 3].any()


def test_a_box_throws_its_shadow_where_geometry_says():
    sun = replace(drawn.DAY, sun_elevation_rad=pi / 4, sun_azimuth_rad=0.0)  # from ahead: shadows point to -x
    scene = drawn.scene_of(drawn.ground("sign_white"), box((20.0, -1.0, 0.0), (20.2, 1.0, 2.0), "wall"))
    picture = drawn.draw(scene, sun, AWAY, eye=scenes.eye((10.0, 0.0, 4.0), (0.0, 0.35, 0.0), hidden=0))
    bright = drawn.brightness(picture)
    lens = drawn.SMALL

    def at(x_m, y_m):
        c, s = np.cos(0.35), np.sin(0.35)
        x, z = x_m - 10.0, -4.0
        ahead, up = c * x - s * z, s * x + c * z
        return bright[int(lens.centre_y_px - 150.0 * up / ahead), int(lens.centre_x_px - 150.0 * y_m / ahead)]

    open_ground = at(16.0, 0.0)
    for shaded in ((18.4, 0.0), (19.5, 0.7), (19.0, -0.8)):
        assert at(*shaded) < 0.45 * open_ground
    for sunny in ((17.7, 0.0), (19.0, 1.3), (19.0, -1.3)):
        assert at(*sunny) == pytest.approx(open_ground, rel=0.05)


def test_actors_throw_shadows_that_go_with_them():
    sun = replace(drawn.DAY, sun_elevation_rad=pi / 4, sun_azimuth_rad=pi / 2)  # from the left: shadows to the right
    scene = drawn.scene_of(drawn.ground("sign_white"), actors=[(ActorKind.VAN, None)])
    spot = drawn.pixel_of((20.0, -1.9, 0.0))
    under = drawn.brightness(drawn.draw(scene, sun, [*AWAY, {"x": 20.0, "y": 0.0}]))[spot]
    gone = drawn.brightness(drawn.draw(scene, sun, [*AWAY, {"x": 20.0, "y": 12.0}]))[spot]
    assert under < 0.45 * gone


def test_below_a_car_it_is_dark_even_under_clouds():
    scene = drawn.scene_of(
        drawn.ground("concrete_road"), actors=[(ActorKind.CAR, box((-2.2, -0.9, 0.4), (2.2, 0.9, 1.5), "paint"))]
    )
    bright = drawn.brightness(drawn.draw(scene, drawn.COVERED, [*AWAY, {"x": 14.0}]))
    assert bright[drawn.pixel_of((12.3, 0.0, 0.0))] < 0.6 * bright[drawn.pixel_of((9.0, 0.0, 0.0))]


@pytest.mark.parametrize("visibility_m", [60.0, 200.0, 1000.0])
@pytest.mark.parametrize("distance_m", [20.0, 60.0])
def test_contrast_fades_with_distance_as_koschmieder_says(visibility_m, distance_m):
    def contrast(conditions):
        boards = [drawn.board(distance_m, side * 0.12 * distance_m, 1.5, 0.2 * distance_m, material)
                  for side, material in ((1.0, "sign_white"), (-1.0, "sign_black"))]  # fmt: skip
        bright = drawn.brightness(drawn.draw(drawn.scene_of(*boards), conditions, AWAY))
        left, right = (bright[drawn.pixel_of((distance_m, side * 0.12 * distance_m, 1.5))] for side in (1.0, -1.0))
        return left - right

    clear = replace(drawn.COVERED, visibility_m=1e7)
    ratio = contrast(replace(clear, visibility_m=visibility_m)) / contrast(clear)
    slant_m = distance_m * float(np.hypot(1.0, 0.12))  # the boards stand a little aside of the optical axis
    assert ratio == pytest.approx(exp(-3.0 * slant_m / visibility_m), rel=0.02)


def test_fog_hides_the_far_end_of_the_road_in_its_own_light():
    scene = drawn.scene_of(drawn.ground(), drawn.board(300.0, 0.0, 10.0, 20.0, "sign_black"))
    picture = drawn.draw(scene, replace(drawn.COVERED, visibility_m=80.0), AWAY)
    board = drawn.brightness(picture)[drawn.pixel_of((300.0, 0.0, 10.0))]
    assert board == pytest.approx(drawn.COVERED.illuminance_lx / pi, rel=0.1)
    assert np.isfinite(picture.depth_m[drawn.pixel_of((300.0, 0.0, 10.0))])


def test_rain_and_haze_dim_what_is_far_more_the_harder_it_rains():
    def board(rain_mmph):
        scene = drawn.scene_of(drawn.board(500.0, 0.0, 1.5, 80.0, "sign_black"))
        picture = drawn.draw(scene, replace(drawn.COVERED, rain_mmph=rain_mmph, visibility_m=20_000.0), AWAY)
        return float(np.median(drawn.brightness(picture)[np.isfinite(picture.depth_m)]))

    assert board(0.0) < board(5.0) < board(50.0)


def test_the_sun_in_view_is_a_million_times_brighter_than_the_road():
    low = replace(drawn.DAY, sun_elevation_rad=0.12, sun_azimuth_rad=0.05, illuminance_lx=9_000.0)
    bright = drawn.brightness(drawn.draw(drawn.scene_of(drawn.ground()), low, AWAY))
    row, column = np.unravel_index(int(np.argmax(bright)), bright.shape)
    assert row == pytest.approx(48 - 150 * np.tan(0.12), abs=1.5)
    assert column == pytest.approx(80 - 150 * np.tan(0.05), abs=1.5)
    assert bright.max() > 1e5 * float(np.median(bright[60:]))
    around = bright[row + 6, column]
    assert around > 1.5 * bright[row + 6, 5]


def test_night_without_lamps_is_dark():
    bright = drawn.brightness(drawn.draw(drawn.scene_of(drawn.ground()), drawn.NIGHT, AWAY))
    assert bright.max() < 0.3  # 0.2 lx over pi, and a little more at the horizon


def test_headlamps_light_the_road_below_the_cut_off_only():
    scene = scenes.scenery(
        [(ActorKind.CAR, drawn.rolling_car())],
        drawn.still_of(drawn.ground(), drawn.board(25.0, 0.0, 4.0, 8.0, "foliage")),
    )
    bright = drawn.brightness(drawn.draw(scene, drawn.NIGHT, [{"x": 0.0}]))
    near, board_low, board_high = (
        bright[drawn.pixel_of(p)] for p in ((9.0, 0.0, 0.0), (25.0, -0.3, 0.3), (25.0, 1.0, 6.0))
    )
    assert near > 0.3
    assert board_low > 5.0 * board_high


def test_the_low_beam_has_its_cut_off_and_rises_on_the_near_side():
    def cd(left, up):
        return float(low_beam_cd(np.float32(25.0), np.float32(left), np.float32(up)))

    assert cd(0.0, -0.5) > 8_000.0
    assert cd(0.0, 0.5) < 500.0
    assert cd(2.0, 0.1) < 500.0 < cd(-2.0, 0.1)
    assert float(low_beam_cd(np.float32(-5.0), np.float32(0.0), np.float32(0.0))) == 0.0


def test_oncoming_headlamps_are_bright_and_light_the_road_before_them():
    scene = drawn.scene_of(drawn.ground(), actors=[(ActorKind.CAR, drawn.rolling_car())])
    oncoming = [{"x": -60.0}, {"x": 45.0, "y": 3.0, "yaw": pi}]
    lit = drawn.brightness(drawn.draw(scene, drawn.NIGHT, oncoming))
    dark = drawn.brightness(drawn.draw(scene, drawn.NIGHT, [{"x": -60.0}, {"x": 45.0, "y": 3.0}]))
    assert lit.max() > 1_000.0
    spot = drawn.pixel_of((32.0, 3.0, 0.0))
    assert lit[spot] > 3.0 * dark[spot]


def test_brake_lamps_are_brighter_when_lit():
    scene = drawn.scene_of(drawn.ground(), actors=[(ActorKind.CAR, drawn.rolling_car())])
    places, spot = [*AWAY, {"x": 14.0, "speed": 10.0}], drawn.pixel_of((11.95, 0.0, 1.1))

    def brake(state):
        state[1, BRAKE] = 3.0

    for conditions in (drawn.COVERED, drawn.NIGHT):
        off = drawn.draw(scene, conditions, places).radiance[spot]
        on = drawn.draw(scene, conditions, places, edit=brake).radiance[spot]
        assert on[0] > 3.0 * off[0]
        assert on[0] > 5.0 * on[2]


def test_signs_shine_back_into_ones_own_headlamps():
    def board(material):
        scene = scenes.scenery(
            [(ActorKind.CAR, drawn.rolling_car())],
            drawn.still_of(drawn.board(60.0, -3.0, 1.0, 2.0, material)),
        )
        return drawn.brightness(drawn.draw(scene, drawn.NIGHT, [{"x": 0.0}]))[drawn.pixel_of((60.0, -3.0, 1.0))]

    assert board("sign_white") > 20.0 * board("facade_concrete")


def test_street_lamps_make_pools_of_warm_light_by_night_only():
    lamp = box((19.8, -0.2, 7.9), (20.2, 0.2, 8.0), "street_lamp")
    scene = drawn.scene_of(drawn.ground("concrete_road"), lamp)
    below, aside = drawn.pixel_of((20.0, 0.0, 0.0)), drawn.pixel_of((20.0, 9.5, 0.0))
    picture = drawn.draw(scene, drawn.NIGHT, AWAY)
    bright = drawn.brightness(picture)
    assert bright[below] > 1.5 * bright[aside] > 0.05
    assert picture.radiance[below][0] > 1.5 * picture.radiance[below][2]
    by_day = drawn.brightness(drawn.draw(scene, drawn.COVERED, AWAY))
    assert by_day[below] == pytest.approx(by_day[aside], rel=0.1)


def test_windows_glow_by_night():
    scene = drawn.scene_of(drawn.board(40.0, 0.0, 10.0, 24.0, "facade_plaster"))
    bright = drawn.brightness(drawn.draw(scene, drawn.NIGHT, AWAY))
    assert 0.01 < (bright > 1.0).mean() < 0.3


def test_a_signal_shows_its_cycle_and_crossing_streets_never_have_green_together():
    for second in np.arange(0.0, 130.0, 0.5):
        along, across = signal_at(second), signal_at(second + 30.0)
        assert sum(along) >= 1
        assert not (along[2] and across[2])
    lens_face = drawn.board(20.0, 0.0, 1.5, 1.0, "signal_green")
    scene, spot = drawn.scene_of(lens_face), drawn.pixel_of((20.0, 0.0, 1.5))
    at_green, at_red = (
        drawn.draw(scene, drawn.NIGHT, AWAY, at=SimNs(at)).radiance[spot] for at in (int(5e9), int(40e9))
    )
    assert at_green[1] > 1_000.0 > 10.0 * at_red[1]


def test_a_wet_road_mirrors_what_stands_behind_it():
    def road(wetness_ratio, wall):
        scene = drawn.scene_of(drawn.ground(), drawn.board(30.0, 0.0, 8.0, 16.0, wall))
        conditions = replace(drawn.COVERED, wetness_ratio=wetness_ratio)
        return drawn.draw(scene, conditions, AWAY).radiance[drawn.pixel_of((24.0, 0.0, 0.0))]

    wet, dry = road(1.0, "sign_red"), road(0.0, "sign_red")
    assert wet[0] / wet[2] > 1.5 * dry[0] / dry[2]
    assert road(1.0, "sign_white")[1] > 1.5 * road(1.0, "sign_black")[1]
    assert road(0.0, "sign_white")[1] == pytest.approx(road(0.0, "sign_black")[1], rel=0.1)


def test_a_wet_road_is_darker_where_it_mirrors_nothing_bright():
    def road(wetness_ratio):
        picture = drawn.draw(
            drawn.scene_of(drawn.ground()), replace(drawn.COVERED, wetness_ratio=wetness_ratio), AWAY, eye=DOWN
        )
        return float(drawn.brightness(picture).mean())

    assert road(1.0) < 0.8 * road(0.0)


def test_spray_hides_what_is_behind_a_truck_the_more_the_faster_it_goes():
    wet = replace(drawn.COVERED, wetness_ratio=1.0)

    def rear(speed_mps, wetness_ratio=1.0):
        body = box((-5.0, -1.25, 0.6), (5.0, 1.25, 3.8), "rubber")
        scene = drawn.scene_of(drawn.ground(), actors=[(ActorKind.TRUCK, body)])
        picture = drawn.draw(scene, replace(wet, wetness_ratio=wetness_ratio), [*AWAY, {"x": 25.0, "speed": speed_mps}])
        return float(drawn.brightness(picture)[drawn.pixel_of((20.0, 0.9, 0.8))])

    assert rear(25.0) > 1.3 * rear(15.0) > 1.3 * rear(0.0)
    assert rear(25.0, wetness_ratio=0.0) == pytest.approx(rear(0.0, wetness_ratio=0.0), rel=1e-6)


def test_dusk_is_orange_towards_the_sun_and_blue_above():
    dusk = replace(drawn.DAY, sun_elevation_rad=-0.06, sun_azimuth_rad=0.0, illuminance_lx=60.0)
    low = drawn.draw(drawn.scene_of(), dusk, AWAY).radiance[44, 80]
    high = drawn.draw(drawn.scene_of(), dusk, AWAY, eye=scenes.eye(angles=(0.0, -1.2, 0.0), hidden=0)).radiance[48, 80]
    assert low[0] > 1.3 * low[2]
    assert high[2] > 1.2 * high[0]

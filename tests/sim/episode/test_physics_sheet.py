"""The sheet of a vehicle's physics: what is shown, and what is refused."""

from math import pi

import pytest

from sim.blueprints.blueprint import Family
from sim.blueprints.library import blueprint, library
from sim.episode.physics_sheet import checked_sheet, placed, sheet_of
from sim.episode.scene import Pose
from sim.episode.structs import Refused, Vector2D, Vector3D

CAR = sheet_of(blueprint("vehicle.tesla.model3").body)
VEHICLES = [one for one in library() if one.family is Family.VEHICLE]


@pytest.mark.parametrize("one", VEHICLES, ids=lambda one: one.id)
def test_every_vehicle_has_a_sheet_that_would_be_taken_back(one):
    sheet = sheet_of(one.body)

    assert checked_sheet(sheet) is sheet
    assert len(sheet.wheels) == one.body.wheels
    brakes_n = sum(100.0 * wheel.max_brake_torque / wheel.radius for wheel in sheet.wheels)
    assert brakes_n > 4.0 * sheet.mass, "everything can stop"


def test_wheels_are_front_left_front_right_rear_left_rear_right_in_carla_s_axes():
    places = [wheel.position for wheel in CAR.wheels]

    assert [(place.x > 0.0, place.y > 0.0) for place in places] == [
        (True, False), (True, True), (False, False), (False, True),
    ]  # fmt: skip
    assert all(place.z == wheel.radius for place, wheel in zip(places, CAR.wheels, strict=True))
    assert places[0].x - places[2].x == pytest.approx(287.5), "the wheelbase in centimetres"
    assert [wheel.max_steer_angle for wheel in CAR.wheels] == [70.0, 70.0, 0.0, 0.0]
    assert [wheel.max_handbrake_torque > 0.0 for wheel in CAR.wheels] == [False, False, True, True]


def test_placed_wheels_stand_in_the_world():
    turned = placed(CAR, Pose(10.0, 20.0, 1.0, 0.5 * pi))  # it looks to +y, which is CARLA's -y

    front_left = turned.wheels[0].position
    assert front_left.x == pytest.approx(1000.0 - abs(CAR.wheels[0].position.y))
    assert front_left.y == pytest.approx(-2000.0 - CAR.wheels[0].position.x)
    assert front_left.z == pytest.approx(100.0 + CAR.wheels[0].position.z)
    assert turned._replace(wheels=CAR.wheels) == CAR


def test_what_has_no_wheels_has_no_sheet():
    with pytest.raises(Refused, match="no wheels"):
        sheet_of(blueprint("static.prop.barrel").body)


@pytest.mark.parametrize(
    ("changes", "mend"),
    [
        ({"wheels": ()}, "wheels has 0 wheels"),
        ({"wheels": CAR.wheels * 5}, "wheels has 20 wheels"),
        ({"mass": 0.0}, "mass is 0"),
        ({"mass": -5.0}, "mass is -5"),
        ({"max_rpm": 0.0}, "max_rpm"),
        ({"final_ratio": 0.0}, "final_ratio"),
        ({"forward_gears": ()}, "forward_gears has 0 gears"),
        ({"forward_gears": (CAR.forward_gears[0]._replace(ratio=0.0),)}, "ratio is 0"),
        ({"forward_gears": (CAR.forward_gears[0]._replace(down_ratio=0.9, up_ratio=0.2),)}, "down_ratio <= up_ratio"),
        ({"torque_curve": ()}, "torque_curve has 0 points"),
        ({"torque_curve": (Vector2D(2000.0, 100.0), Vector2D(1000.0, 100.0))}, "does not rise"),
        ({"torque_curve": (Vector2D(0.0, -100.0),)}, "leaves its bounds"),
        ({"steering_curve": (Vector2D(0.0, 5.0),)}, "steering_curve leaves its bounds"),
        ({"wheels": tuple(one._replace(radius=0.0) for one in CAR.wheels)}, r"wheels\[0\].radius is 0"),
        ({"wheels": tuple(one._replace(tire_friction=-1.0) for one in CAR.wheels)}, "tire_friction is -1"),
        ({"center_of_mass": Vector3D(0.0, 0.0, 1000.0)}, "center_of_mass"),
        ({"mass": float("nan")}, "mass is nan"),
    ],
)  # fmt: skip
def test_absurd_sheets_are_refused_with_the_mend(changes, mend):
    with pytest.raises(Refused, match=mend):
        checked_sheet(CAR._replace(**changes))

"""Faultline's own blueprints: exactly the vehicle files, and exactly the outline that is asked for."""

from math import pi

import pytest

from sim.blueprints.blueprint import NOMINAL_TYRE_FRICTION
from sim.blueprints.descriptions import checked
from sim.blueprints.library import blueprint
from sim.twin.vehicles import load_vehicle, vehicle_file, vehicle_names
from tests.sim.blueprints.test_descriptions import described


@pytest.mark.parametrize("name", vehicle_names())
@pytest.mark.parametrize("load_ratio", [0.0, 0.25, 1.0])
def test_a_vehicle_file_s_vehicle_is_the_same_behind_the_wire(name, load_ratio):
    file, model = vehicle_file(name), load_vehicle(name, load_ratio)

    found, _ = checked(described(f"vehicle.faultline.{name}", load_ratio=str(load_ratio)))
    body, line = found.body, found.body.driveline

    assert body.box_m == pytest.approx((model.length_m, model.width_m, model.height_m), abs=1e-12)
    assert body.clearance_m == file.outline.ground_clearance_m
    assert body.mass_kg == model.mass_kg
    assert body.axles_m[0] - body.axles_m[1] == pytest.approx(model.wheelbase_m, abs=1e-12)
    assert body.axles_m[1] + 0.5 * body.length_m == pytest.approx(model.rear_overhang_m, abs=1e-12)
    assert body.axles_m[0] - body.centre_m[0] == pytest.approx(model.front_axle_to_cg_m, abs=1e-12)
    brakes_mps2 = 4.0 * line.brake_torque_nm / line.wheel_radius_m / body.mass_kg
    assert brakes_mps2 == pytest.approx(model.brake_max_mps2, rel=1e-12)
    assert line.tyre_friction == pytest.approx(NOMINAL_TYRE_FRICTION * model.tyre_friction_ratio)
    ratio = line.gears[0].ratio * line.final_ratio
    pull_mps2 = line.torque_curve[0][1] * ratio / line.wheel_radius_m / body.mass_kg
    assert pull_mps2 == pytest.approx(model.drive_max_mps2, rel=1e-12)
    fastest_mps = line.max_rpm / 60.0 * 2.0 * pi / ratio * line.wheel_radius_m
    assert fastest_mps == pytest.approx(model.speed_limit_mps, rel=1e-12)
    assert line.steer_max_deg / 180.0 * pi == pytest.approx(model.steer_max_rad, rel=1e-12)
    assert body.model == model


def test_the_brakes_of_own_vehicles_are_below_what_their_tyres_hold_on_dry_road():
    for name in vehicle_names():
        for load_ratio in (0.0, 1.0):
            model = load_vehicle(name, load_ratio)
            assert model.brake_max_mps2 <= model.tyre_friction_ratio * 9.81


@pytest.mark.parametrize(
    "blueprint_id",
    ["static.prop.faultline.gantry", "walker.faultline.child", "vehicle.faultline.cyclist", "vehicle.faultline.bus_m3"],
)
def test_an_outline_that_is_asked_for_is_the_outline(blueprint_id):
    found, _ = checked(described(blueprint_id, length_m="2.5", width_m="0.75", height_m="1.25", clearance_m="0.5"))

    assert found.body.box_m == (2.5, 0.75, 1.25)
    assert found.body.clearance_m == 0.5 and found.body.height_m == 1.75
    assert found.body.mass_kg == blueprint(blueprint_id).body.mass_kg


def test_a_longer_vehicle_keeps_its_axles_shares_of_its_length():
    usual = blueprint("vehicle.faultline.truck_n3_rigid").body

    found, _ = checked(described("vehicle.faultline.truck_n3_rigid", length_m="12.0"))

    assert found.body.axles_m == pytest.approx([1.2 * x_m for x_m in usual.axles_m])
    assert found.body.model.wheelbase_m == pytest.approx(1.2 * usual.model.wheelbase_m)
    assert found.body.model.length_m == 12.0

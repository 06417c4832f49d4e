"""The blueprint library: what it holds, and that its bodies could exist."""

import re

import pytest

from sim.blueprints import tables
from sim.blueprints.blueprint import NOMINAL_TYRE_FRICTION, AttributeKind, Blueprint, Family
from sim.blueprints.descriptions import definitions, listed, tags_of
from sim.blueprints.library import MAP_FAMILIES, UnknownBlueprint, blueprint, library
from sim.scenery.bodies import body_for
from sim.truth import ActorKind

G_MPS2 = 9.81
BODIES = [one for one in library() if one.body is not None]
VEHICLES = [one for one in library() if one.family is Family.VEHICLE]


def named(one: Blueprint) -> str:
    return one.id


def test_ids_and_uids_are_unique_and_the_same_every_time():
    ids, uids = [one.id for one in library()], [one.uid for one in library()]

    assert len(set(ids)) == len(ids) and len(set(uids)) == len(uids)
    assert ids == sorted(ids)
    assert all(0 < uid < 2**32 for uid in uids)
    assert blueprint("vehicle.tesla.model3").uid == 2763158046, "clients and recordings keep uids"
    assert library() is library()


@pytest.mark.parametrize(
    "blueprint_id",
    [
        "vehicle.tesla.model3", "vehicle.lincoln.mkz_2017", "vehicle.lincoln.mkz_2020", "vehicle.ford.mustang",
        "vehicle.audi.tt", "vehicle.audi.a2", "vehicle.toyota.prius", "vehicle.dodge.charger_2020",
        "vehicle.gazelle.omafiets", "vehicle.mitsubishi.fusorosa", "vehicle.carlamotors.firetruck",
        "vehicle.carlamotors.european_hgv", "walker.pedestrian.0001", "walker.pedestrian.0052",
        "controller.ai.walker", "sensor.camera.rgb", "sensor.lidar.ray_cast", "sensor.other.collision",
        "static.prop.constructioncone", "static.trigger.friction", "vehicle.faultline.truck_n3_rigid",
        "vehicle.faultline.bus_m3", "vehicle.faultline.car_m1", "vehicle.faultline.van_n1",
        "vehicle.faultline.cyclist", "walker.faultline.child", "static.prop.faultline.soft_target",
    ],
)  # fmt: skip
def test_ids_that_programs_name_are_offered_to_clients(blueprint_id):
    assert blueprint_id in {one[1] for one in definitions()}


def test_what_belongs_to_the_map_is_known_but_not_offered():
    offered = {one.id for one in listed()}

    for name in ("spectator", "traffic.traffic_light", "traffic.stop", "traffic.yield", "traffic.speed_limit.30"):
        assert blueprint(name).family in MAP_FAMILIES
        assert name not in offered


def test_an_unknown_id_is_answered_with_the_nearest():
    with pytest.raises(UnknownBlueprint, match=r"vehicle\.tesla\.model3"):
        blueprint("vehicle.tesla.modell3")


@pytest.mark.parametrize("one", library(), ids=named)
def test_attributes_hold_together(one):
    assert len({item.name for item in one.attributes}) == len(one.attributes)
    for item in one.attributes:
        if item.modifiable:
            assert item.recommended and item.recommended[0] == item.value, item.name
        if item.kind is AttributeKind.BOOL:
            assert {item.value, *item.recommended} <= {"true", "false"}
        if item.kind in (AttributeKind.INT, AttributeKind.FLOAT) and item.modifiable and not item.restricted:
            assert item.limits is not None, f"{item.name} could be anything"
            assert all(item.limits[0] <= float(value) <= item.limits[1] for value in item.recommended), item.name
        if item.kind is AttributeKind.COLOUR:
            assert all(re.fullmatch(r"\d+,\d+,\d+", value) for value in item.recommended)
    assert tags_of(one).split(",") == one.id.split(".")


@pytest.mark.parametrize("one", BODIES, ids=named)
def test_every_body_can_be_drawn_and_weighs_what_such_a_thing_can_weigh(one):
    body = one.body

    mesh = body_for(body.kind, one.uid, body.box_m, body.clearance_m).mesh

    assert mesh.vertices[:, 2].max() == pytest.approx(body.height_m, abs=1e-3)
    filled = body.mass_kg / (body.length_m * body.width_m * body.height_m)
    assert 0.0 < filled < 8000.0, "nothing here is denser than steel"
    assert one.semantic > 0
    assert 0.0 <= body.clearance_m < body.height_m
    assert abs(body.centre_m[0]) < 0.5 * body.length_m and 0.0 <= body.centre_m[1] < body.height_m


@pytest.mark.parametrize("one", VEHICLES, ids=named)
def test_vehicles_stand_on_their_axles(one):
    body = one.body
    front_m, rear_m = body.axles_m

    assert 0.5 * body.length_m > front_m > body.centre_m[0] > rear_m > -0.5 * body.length_m
    assert body.wheels == int(one.default("number_of_wheels"))
    assert (body.track_m == 0.0) == (body.wheels == 2)
    assert body.track_m < body.width_m


@pytest.mark.parametrize("one", VEHICLES, ids=named)
def test_vehicles_brake_as_their_class_does(one):
    """Cars are bound by their tyres near 1 g; heavy ones by their brakes, above what UN R13 asks of them."""
    body, line = one.body, one.body.driveline

    brakes_mps2 = body.wheels * line.brake_torque_nm / line.wheel_radius_m / body.mass_kg
    tyres_mps2 = line.tyre_friction / NOMINAL_TYRE_FRICTION * G_MPS2
    best_mps2 = min(brakes_mps2, tyres_mps2)

    low, high = {
        ActorKind.CAR: (9.0, 10.0), ActorKind.VAN: (8.0, 10.0), ActorKind.TRUCK: (6.0, 7.1), ActorKind.BUS: (6.0, 7.1),
        ActorKind.MOTORCYCLE: (6.5, 10.0), ActorKind.CYCLIST: (4.0, 6.0),
    }[body.kind]  # fmt: skip
    if one.id == "vehicle.tesla.cybertruck":
        low, high = 9.0, 10.0
    assert low <= best_mps2 <= high


@pytest.mark.parametrize("one", VEHICLES, ids=named)
def test_drivelines_pull_and_reach_a_speed(one):
    body, line = one.body, one.body.driveline
    turns = [rpm for rpm, _ in line.torque_curve]

    assert turns == sorted(set(turns)) and turns[-1] <= line.max_rpm
    ratios = [gear.ratio for gear in line.gears]
    assert ratios == sorted(ratios, reverse=True)
    shares = [share for _, share in line.steering_curve]
    assert shares == sorted(shares, reverse=True) and shares[0] == 1.0
    peak_nm = max(torque for _, torque in line.torque_curve)
    pull_mps2 = peak_nm * ratios[0] * line.final_ratio / line.wheel_radius_m / body.mass_kg
    fastest_mps = line.max_rpm / 60.0 * 6.2832 / (ratios[-1] * line.final_ratio) * line.wheel_radius_m
    assert 0.6 < pull_mps2 < 25.0
    assert 7.0 < fastest_mps < 120.0


def test_there_are_walkers_of_every_age_and_children_are_small():
    ages = {one.default("age") for one in library() if one.id.startswith("walker.pedestrian")}
    heights = {
        age: [one.body.height_m for one in library() if one.family is Family.WALKER and one.default("age") == age]
        for age in ages
    }

    assert ages == {"adult", "child", "elderly", "teenager"}
    assert max(heights["child"]) < min(heights["teenager"]) < min(heights["adult"])


def test_every_driveline_and_palette_of_the_files_is_used():
    rows = tables.vehicles().vehicles.values()

    assert {row.driveline for row in rows} == set(tables.drivelines())
    assert {row.colours for row in rows} - {""} == set(tables.vehicles().colours)
    assert {group for groups in tables.sensors().sensors.values() for group in groups} == set(tables.sensors().groups)

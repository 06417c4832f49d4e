"""Vehicle files: what comes with the twin, and what is refused."""

import pytest

from sim.truth import ActorKind
from sim.twin.hulls import actor_hull
from sim.twin.vehicles import load_vehicle, vehicle_file, vehicle_names
from stack.vocabulary import InputError

TRUCK = vehicle_file("truck_n3_rigid")


def text_of(name: str) -> str:
    from importlib.resources import files

    return files("sim.twin").joinpath("vehicles", f"{name}.yaml").read_text(encoding="utf-8")


def test_every_vehicle_loads_empty_and_full_and_is_of_its_category():
    assert set(vehicle_names()) >= {"truck_n3_rigid", "van_n1", "car_m1"}
    for name in vehicle_names():
        empty, full = load_vehicle(name, 0.0), load_vehicle(name, 1.0)
        assert vehicle_file(name).name == name
        assert empty.mass_kg < full.mass_kg
        assert empty.brake_max_mps2 >= full.brake_max_mps2
    assert load_vehicle("van_n1").mass_kg <= 3500.0
    assert load_vehicle("truck_n3_rigid").speed_limit_mps == pytest.approx(90.0 / 3.6)
    assert load_vehicle("truck_n3_rigid").mass_kg == 26000.0


def test_no_vehicle_oversteers_at_any_load():
    for name in vehicle_names():
        for load_ratio in (0.0, 0.25, 0.5, 0.75, 1.0):
            model = load_vehicle(name, load_ratio)
            rear = model.wheelbase_m - model.front_axle_to_cg_m
            assert rear * model.cornering_rear_npr > model.front_axle_to_cg_m * model.cornering_front_npr, name


def test_a_vehicle_from_text_equals_the_vehicle_by_name():
    assert load_vehicle(text_of("car_m1"), 0.4) == load_vehicle("car_m1", 0.4)


def test_all_mistakes_in_a_vehicle_file_are_found_at_once_with_their_place():
    text = text_of("car_m1").replace("  width_m: 1.79", "  width_m: -1.0\n  colour: red").replace("  lag_s: 0.25", "")
    with pytest.raises(InputError) as caught:
        load_vehicle(text)
    found = {finding.field: finding.where for finding in caught.value.findings}
    assert set(found) == {"outline.width_m", "outline.colour", "drive.lag_s"}
    line = next(i for i, row in enumerate(text.splitlines(), 1) if "colour" in row)
    assert found["outline.colour"] == f"vehicle:{line}:3"


def test_a_key_given_twice_is_refused():
    with pytest.raises(InputError, match="twice"):
        load_vehicle(text_of("car_m1") + "\nspeed_limit_mps: 3.0\n")


def test_broken_yaml_is_refused_with_its_place():
    with pytest.raises(InputError, match=r"vehicle:2:"):
        load_vehicle("name: x\n  - y: [\n")


def test_an_unknown_vehicle_and_an_impossible_load_are_refused():
    with pytest.raises(InputError, match="there are bus_m3, car_m1"):
        load_vehicle("tank")
    with pytest.raises(InputError, match="load_ratio"):
        load_vehicle("car_m1", 1.2)


def test_every_kind_of_actor_has_a_usual_hull():
    for kind in ActorKind:
        hull = actor_hull(kind)
        assert min(hull.size_m) > 0.0
        assert hull.mass_kg > 0.0
        assert hull.source
    target = actor_hull(ActorKind.SOFT_TARGET)
    assert target.clearance_m + target.size_m[2] == pytest.approx(1.43)
    assert TRUCK.outline.ground_clearance_m > actor_hull(ActorKind.STEEL_PLATE).size_m[2]

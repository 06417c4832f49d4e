"""Which blueprint stands for a scenario's actor: ours where the server has it, else the nearest of CARLA's."""

import pytest

from sim.blueprints.blueprint import Family
from sim.blueprints.classes import NoBlueprint, box_of_file, kind_of_file, mapped
from sim.blueprints.descriptions import checked, listed
from sim.truth import ActorKind
from sim.twin.hulls import ARTICULATED, USUAL_HULLS
from sim.twin.vehicles import vehicle_names
from tests.sim.blueprints.test_descriptions import described

OURS = frozenset(one.id for one in listed())
CARLAS = frozenset(name for name in OURS if "faultline" not in name)
NOT_IN_CARLA = (ActorKind.GANTRY, ActorKind.BUILDING)


@pytest.mark.parametrize("kind", list(ActorKind))
def test_on_our_server_every_actor_has_exactly_its_outline(kind):
    hull = USUAL_HULLS[kind]
    size_m = tuple(1.1 * side for side in hull.size_m)

    found = mapped(kind, size_m, None, OURS, clearance_m=hull.clearance_m)

    made, _ = checked(described(found.blueprint_id, **found.attributes))
    assert found.exact and not found.contains_brake_lag
    assert made.body.box_m == pytest.approx(size_m, abs=1e-12)
    assert (made.body.box_m, made.body.clearance_m) == (pytest.approx(found.box_m), found.clearance_m)
    assert made.body.kind is kind and made.family is found.family


@pytest.mark.parametrize("kind", [kind for kind in ActorKind if kind not in NOT_IN_CARLA])
def test_on_carla_s_server_every_actor_has_one_of_its_class(kind):
    found = mapped(kind, USUAL_HULLS[kind].size_m, None, CARLAS)

    made, _ = checked(described(found.blueprint_id))
    assert not found.exact and not found.attributes and not found.contains_brake_lag
    assert found.box_m == made.body.box_m
    wanted = ActorKind.CAR if kind is ActorKind.SOFT_TARGET else kind
    assert made.body.kind is wanted
    if wanted in (ActorKind.ADULT, ActorKind.CHILD):
        assert made.family is Family.WALKER


@pytest.mark.parametrize("name", vehicle_names())
def test_an_ego_drives_its_vehicle_file_on_our_server(name):
    size_m, clearance_m = box_of_file(name)

    found = mapped(kind_of_file(name), size_m, name, OURS, load_ratio=0.5)

    assert found.blueprint_id == f"vehicle.faultline.{name}"
    assert found.attributes["load_ratio"] == "0.5" and found.clearance_m == clearance_m


def test_heavy_vehicles_get_heavy_vehicles_of_carla_s():
    truck, bus = USUAL_HULLS[ActorKind.TRUCK].size_m, USUAL_HULLS[ActorKind.BUS].size_m

    assert mapped(ActorKind.TRUCK, truck, "truck_n3_rigid", CARLAS).blueprint_id == "vehicle.carlamotors.european_hgv"
    assert mapped(ActorKind.TRUCK, ARTICULATED.size_m, None, CARLAS).blueprint_id.startswith("vehicle.carlamotors.")
    assert mapped(ActorKind.BUS, bus, "bus_m3", CARLAS).blueprint_id == "vehicle.mitsubishi.fusorosa"


def test_a_server_that_lacks_the_best_gives_the_next_best():
    size_m = USUAL_HULLS[ActorKind.TRUCK].size_m
    without = CARLAS - {"vehicle.carlamotors.european_hgv"}

    assert mapped(ActorKind.TRUCK, size_m, None, without).blueprint_id == "vehicle.carlamotors.carlacola"


def test_ordinary_actors_never_become_police_or_taxis():
    special = [name for name in CARLAS if "police" in name or "crown" in name or "ambulance" in name]
    for kind in (ActorKind.CAR, ActorKind.VAN):
        with pytest.raises(NoBlueprint):
            mapped(kind, USUAL_HULLS[kind].size_m, None, special)


@pytest.mark.parametrize("kind", NOT_IN_CARLA)
def test_what_no_blueprint_can_stand_for_is_told_with_what_is_missing(kind):
    with pytest.raises(NoBlueprint, match="faultline serve") as caught:
        mapped(kind, USUAL_HULLS[kind].size_m, None, CARLAS)

    assert caught.value.wanted == (f"static.prop.faultline.{kind.name.lower()}",)


def test_a_server_without_any_names_what_it_would_need():
    with pytest.raises(NoBlueprint, match=r"vehicle\.faultline\.car_m1") as caught:
        mapped(ActorKind.CAR, USUAL_HULLS[ActorKind.CAR].size_m, None, ())

    assert "vehicle.tesla.model3" in caught.value.wanted

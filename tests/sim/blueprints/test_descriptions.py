"""Descriptions that clients send: what is taken, what is refused, and what stands in for what is missing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.blueprints.blueprint import AttributeKind, Refused
from sim.blueprints.descriptions import INVALID, checked, definitions, listed
from sim.blueprints.library import blueprint
from sim.episode.structs import ActorDescription, AttributeValue
from sim.episode.structs import Refused as EpisodeRefused


def described(blueprint_id: str, **changes: str) -> ActorDescription:
    """What the client sends: all attributes of the definition, some with other values."""
    one = blueprint(blueprint_id)
    values = tuple(AttributeValue(a.name, int(a.kind), changes.get(a.name, a.value)) for a in one.attributes)
    return ActorDescription(one.uid, one.id, values)


@pytest.mark.parametrize("blueprint_id", [one.id for one in listed()])
def test_every_blueprint_comes_back_from_a_client_as_it_was_given(blueprint_id):
    found, values = checked(described(blueprint_id))

    assert found == blueprint(blueprint_id)
    assert values == {item.name: item.value for item in found.attributes}


def test_definitions_have_the_wire_s_shape():
    for uid, blueprint_id, tags, attributes in definitions():
        assert type(uid) is int and type(blueprint_id) is str and type(tags) is str
        for name, kind, value, recommended, modifiable, restricted in attributes:
            assert type(name) is str and type(kind) is int and type(value) is str
            assert type(recommended) is list and all(type(one) is str for one in recommended)
            assert type(modifiable) is bool and type(restricted) is bool


def test_missing_attributes_have_their_defaults():
    one = blueprint("sensor.camera.rgb")
    fov = AttributeValue("fov", int(AttributeKind.FLOAT), "45")

    _, values = checked(ActorDescription(one.uid, one.id, (fov,)))

    assert values["fov"] == "45" and values["image_size_x"] == "800" and values["exposure_mode"] == "histogram"


def test_a_refusal_is_the_episode_s():
    assert Refused is EpisodeRefused


@pytest.mark.parametrize(
    ("blueprint_id", "changes", "mend"),
    [
        ("sensor.camera.rgb", {"image_size_x": "0"}, "image_size_x is '0': give 1 to 8192"),
        ("sensor.camera.rgb", {"image_size_x": "100000"}, "give 1 to 8192"),
        ("sensor.camera.rgb", {"image_size_x": "8192", "image_size_y": "8192"}, "give at most"),
        ("sensor.camera.rgb", {"image_size_x": "640.5"}, "give a whole number"),
        ("sensor.camera.rgb", {"fov": "180"}, "fov is '180'"),
        ("sensor.camera.rgb", {"fov": "-1"}, "fov is '-1'"),
        ("sensor.camera.depth", {"fov": "nan"}, "give a number"),
        ("sensor.camera.depth", {"fov": "1e999"}, "fov is '1e999'"),
        ("sensor.camera.rgb", {"exposure_mode": "auto"}, "give one of histogram, manual"),
        ("sensor.camera.rgb", {"sensor_tick": "-0.1"}, "sensor_tick"),
        ("sensor.lidar.ray_cast", {"channels": "0"}, "channels is '0'"),
        ("sensor.lidar.ray_cast", {"upper_fov": "-40"}, "lower_fov -30.0 is above upper_fov -40"),
        ("sensor.lidar.ray_cast", {"points_per_second": "-5"}, "points_per_second"),
        ("sensor.other.radar", {"range": "0"}, "range is '0'"),
        ("vehicle.tesla.model3", {"color": "300,0,0"}, "each 0 to 255"),
        ("vehicle.tesla.model3", {"color": "red"}, "r,g,b"),
        ("vehicle.tesla.model3", {"base_type": "truck"}, "cannot be changed; it is 'car'"),
        ("vehicle.tesla.model3", {"sticky_control": "1"}, "give true or false"),
        ("vehicle.tesla.model3", {"role_name": "x" * 5000}, "longer than"),
        ("vehicle.tesla.model3", {"role_name": "a\x00b"}, "cannot be printed"),
        ("vehicle.gazelle.omafiets", {"driver_id": "77"}, "give one of 1, 2"),
        ("vehicle.faultline.truck_n3_rigid", {"load_ratio": "1.1"}, "give 0 to 1"),
        ("static.prop.faultline.building", {"length_m": "0"}, "length_m is '0'"),
        ("walker.pedestrian.0001", {"speed": "90"}, "give 0 to 20"),
    ],
)
def test_what_cannot_be_is_refused_with_the_mend(blueprint_id, changes, mend):
    with pytest.raises(Refused) as caught:
        checked(described(blueprint_id, **changes))

    assert str(caught.value).startswith(INVALID) and mend in str(caught.value)


def test_all_that_is_wrong_is_told_at_once():
    with pytest.raises(Refused) as caught:
        checked(described("sensor.camera.rgb", fov="200", image_size_x="none", exposure_mode="?"))

    assert all(name in str(caught.value) for name in ("fov", "image_size_x", "exposure_mode"))


@pytest.mark.parametrize(
    ("uid", "blueprint_id", "mend"),
    [
        (1, "vehicle.tesla.modell3", "did you mean 'vehicle.tesla.model3'"),
        (1, "vehicle.tesla.model3", "has uid"),
        (1, "x" * 100_000, "there is no blueprint"),
        (blueprint("spectator").uid, "spectator", "belongs to the map"),
        (blueprint("traffic.stop").uid, "traffic.stop", "belongs to the map"),
    ],
)
def test_unknown_blueprints_are_refused(uid, blueprint_id, mend):
    with pytest.raises(Refused) as caught:
        checked(ActorDescription(uid, blueprint_id, ()))

    assert str(caught.value).startswith(INVALID) and mend in str(caught.value)
    assert len(str(caught.value)) < 1000


def test_attributes_unknown_twice_or_of_another_type_are_refused():
    one = blueprint("sensor.camera.rgb")
    fov = AttributeValue("fov", int(AttributeKind.FLOAT), "45")

    for values, mend in (
        ((AttributeValue("fovv", 3, "45"),), "did you mean 'fov'"),
        ((fov, fov), "given twice"),
        ((AttributeValue("fov", int(AttributeKind.STRING), "45"),), "has type float"),
    ):
        with pytest.raises(Refused, match=mend):
            checked(ActorDescription(one.uid, one.id, values))


@pytest.mark.parametrize(
    ("blueprint_id", "name", "sent", "kept"),
    [
        ("vehicle.tesla.model3", "sticky_control", "False", "false"),
        ("vehicle.tesla.model3", "color", "255, 0, 12", "255,0,12"),
        ("sensor.camera.rgb", "image_size_x", "640.0", "640"),
        ("sensor.camera.rgb", "image_size_x", "+640", "640"),
        ("sensor.lidar.ray_cast", "points_per_second", "1e6", "1000000"),
        ("sensor.camera.rgb", "fov", " 90 ", "90"),
        ("vehicle.tesla.model3", "role_name", "hero ü", "hero ü"),
    ],
)
def test_usual_ways_of_writing_a_value_are_taken(blueprint_id, name, sent, kept):
    _, values = checked(described(blueprint_id, **{name: sent}))

    assert values[name] == kept


@given(
    blueprint_id=st.sampled_from([one.id for one in listed()]),
    texts=st.lists(st.one_of(st.text(max_size=30), st.floats().map(str), st.integers().map(str)), min_size=1),
    data=st.data(),
)
def test_whatever_is_sent_is_refused_or_means_something(blueprint_id, texts, data):
    names = [item.name for item in blueprint(blueprint_id).attributes]
    changes = {data.draw(st.sampled_from(names)): text for text in texts}
    try:
        found, values = checked(described(blueprint_id, **changes))
    except Refused as error:
        assert str(error).startswith(INVALID)
        return

    for item in found.attributes:
        if item.kind is AttributeKind.INT:
            int(values[item.name])
        if item.limits is not None:
            assert item.limits[0] <= float(values[item.name]) <= item.limits[1]

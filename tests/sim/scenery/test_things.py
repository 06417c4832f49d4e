"""Single things: every mesh faces outwards, keeps to its triangles and sizes, and is the same every time."""

import numpy as np
import pytest

from sim.scenery import buildings, gantries, glyphs, poles, signals, signs, trees
from sim.scenery.materials import MATERIAL, MATERIALS, Semantic
from sim.scenery.mesh import Mesh
from sim.scenery.shapes import cone, faceted_blob
from tests.sim.scenery.meshes import areas_m2, facing, open_edges, volume_m3

SPANS = ((2.6, 7.2), (7.6, 12.2))
DESIGNS = (
    *buildings.TOWN,
    *buildings.SKYLINE,
    *buildings.OUTSKIRTS,
    buildings.FARM_HOUSE,
    buildings.BARN,
    buildings.SILO,
)
THINGS: dict[str, Mesh] = {
    **{f"broad_leaved_{v}": trees.broad_leaved(v) for v in range(trees.BROAD_LEAVED)},
    **{f"conifer_{v}": trees.conifer(v) for v in range(trees.CONIFERS)},
    **{f"belt_tree_{v}": trees.belt_tree(v) for v in range(trees.BELT_TREES)},
    **{f"bush_{v}": trees.bush(v) for v in range(4)},
    "hedge": trees.hedge(18.0, 1.6, 1.0),
    **{design.name: buildings.building(design) for design in DESIGNS},
    **{f"sign_{number}": signs.sign(number, value) for number, value in
       (*((number, "") for number in signs.FACES if number != "274"), ("274", "80"), ("274", "130"), ("999", ""))},
    **{f"signal_{colour}": signals.signal(colour) for colour in signals.COLOURS},
    "street_lamp": poles.street_lamp(),
    "reflector_post": poles.reflector_post(),
    "gantry_beam": gantries.beam(14.0, -14.0, SPANS, SPANS),
    "gantry_leg": gantries.legs(14.0, -14.0)[0],
}  # fmt: skip


@pytest.mark.parametrize("name", THINGS)
def test_normals_look_to_the_side_from_which_a_triangle_is_seen(name):
    mesh = THINGS[name]
    assert (areas_m2(mesh) > 1e-7).all()
    corners = mesh.normals[mesh.triangles]
    assert np.allclose(np.linalg.norm(corners, axis=2), 1.0, atol=1e-3)
    agreement = (corners * facing(mesh)[:, None, :]).sum(axis=2)
    assert agreement.mean(axis=1).min() > 0.3


@pytest.mark.parametrize("name", THINGS)
def test_every_surface_has_a_class_of_its_own_and_no_actors_colour(name):
    for row in np.unique(THINGS[name].materials).tolist():
        assert MATERIALS[row].semantic != Semantic.UNLABELED
        assert not MATERIALS[row].tinted


@pytest.mark.parametrize(
    "mesh",
    [
        cone((1.0, 2.0, 3.0), 1.5, 4.0, "conifer"),
        faceted_blob((3.0, -2.0, 5.0), (2.0, 1.5, 1.0), "foliage"),
        faceted_blob((0.0, 0.0, 5.0), (2.0, 1.5, 1.0), "foliage", bulges=[0.8, 1.2] * 6),
        trees.hedge(18.0, 1.6, 1.0),
    ],
)
def test_solids_are_closed_and_look_outwards(mesh):
    assert open_edges(mesh) == 0
    assert volume_m3(mesh) > 0.0


def test_a_cone_and_a_blob_have_the_volume_of_their_shape():
    fine = cone((4.0, 1.0, 0.0), 2.0, 3.0, "conifer", sides=64)
    assert volume_m3(fine) == pytest.approx(np.pi * 4.0, rel=0.01)
    ball = faceted_blob((4.0, 1.0, 0.0), (1.0, 1.0, 1.0), "foliage")
    assert len(ball.triangles) == 20
    assert volume_m3(ball) == pytest.approx(2.536, rel=0.001)  # an icosahedron in the unit sphere


@pytest.mark.parametrize("design", DESIGNS, ids=lambda design: design.name)
def test_a_building_fills_its_plot_with_few_triangles(design):
    mesh = buildings.building(design)
    assert 30 <= len(mesh.triangles) <= 150
    low, high = mesh.vertices.min(axis=0), mesh.vertices.max(axis=0)
    assert high[0] - low[0] == pytest.approx(design.length_m, abs=0.8)
    assert high[1] == pytest.approx(design.depth_m, abs=0.5)
    assert low[1] >= -1.6  # steps, canopies and awnings only
    assert high[2] >= buildings.STOREY_M * design.storeys
    assert low[2] == pytest.approx(-buildings.BASEMENT_M)


def test_building_designs_have_names_of_their_own():
    assert len({design.name for design in DESIGNS}) == len(DESIGNS)


@pytest.mark.parametrize("make", [trees.broad_leaved, trees.conifer, trees.belt_tree])
def test_trees_are_cheap_stand_on_a_trunk_and_differ(make):
    meshes = [make(variant) for variant in range(4)]
    for mesh in meshes:
        assert len(mesh.triangles) <= 120
        bark = mesh.vertices[np.unique(mesh.triangles[mesh.materials == MATERIAL["bark"]])]
        assert np.abs(bark[:, :2]).max() < 0.25
        assert bark[:, 2].min() == pytest.approx(-trees.ROOT_M)
    assert len({mesh.vertices.tobytes() for mesh in meshes}) == len(meshes)


def test_crowns_of_street_trees_leave_room_to_walk_below():
    for variant in range(trees.BROAD_LEAVED):
        mesh = trees.broad_leaved(variant)
        crown = mesh.vertices[np.unique(mesh.triangles[mesh.materials == MATERIAL["foliage"]])]
        assert crown[:, 2].min() > 2.2


def test_a_speed_limit_shows_its_own_number():
    faces = {value: signs.sign("274", value) for value in ("30", "80", "120")}
    black = {value: int((mesh.materials == MATERIAL["sign_black"]).sum()) for value, mesh in faces.items()}
    assert len(set(black.values())) == 3
    for mesh in faces.values():
        for colour in ("sign_red", "sign_white", "sign_black"):
            assert (mesh.materials == MATERIAL[colour]).any()


@pytest.mark.parametrize("number", [*signs.FACES, "999"])
def test_a_signs_layers_lie_one_in_front_of_the_other_and_look_ahead(number):
    mesh = signs.sign(number, "80" if number == "274" else "left")
    painted = {name: row for name, row in MATERIAL.items() if name.startswith("sign_") and name != "sign_back"}
    ahead = facing(mesh)[np.isin(mesh.materials, list(painted.values()))]
    assert (ahead[:, 0] > 0.999).all()
    back = facing(mesh)[mesh.materials == MATERIAL["sign_back"]]
    assert (back[:, 0] < -0.999).all()
    depths = {
        row: mesh.vertices[mesh.triangles[mesh.materials == row]][:, :, 0] for row in np.unique(mesh.materials).tolist()
    }
    layers = sorted({round(float(x), 4) for row in painted.values() if row in depths for x in depths[row].ravel()})
    assert all(later - earlier >= 0.99 * glyphs.LAYER_M for earlier, later in zip(layers[:-1], layers[1:], strict=True))


def test_a_sign_has_the_size_and_height_the_map_gives():
    mesh = signs.sign("274", "120", 0.75, 2.4)
    plate = mesh.vertices[np.unique(mesh.triangles[mesh.materials == MATERIAL["sign_red"]])]
    assert np.ptp(plate[:, 1]) == pytest.approx(0.75, abs=0.01)
    assert plate[:, 2].min() == pytest.approx(2.4, abs=0.01)


@pytest.mark.parametrize("lit", signals.COLOURS)
def test_exactly_one_lens_of_a_signal_glows(lit):
    mesh = signals.signal(lit)
    lamps = {MATERIALS[row].name for row in np.unique(mesh.materials).tolist() if MATERIALS[row].lamp}
    assert lamps == {f"signal_{lit}"}
    heights = {
        colour: float(mesh.vertices[mesh.triangles[mesh.materials == row]][:, :, 2].mean())
        for colour in signals.COLOURS
        for row in [MATERIAL[f"signal_{colour}" if colour == lit else f"signal_{colour}_off"]]
    }
    assert heights["red"] > heights["amber"] > heights["green"] > signals.LOWER_EDGE_M


def test_a_street_lamp_shines_downwards_from_above_the_carriageways_clearance():
    mesh = poles.street_lamp()
    glowing = mesh.materials == MATERIAL["street_lamp"]
    assert (facing(mesh)[glowing][:, 2] < -0.99).all()
    assert mesh.vertices[mesh.triangles[glowing]][:, :, 2].min() > 4.7


def test_a_reflector_post_shows_one_reflector_ahead_and_two_dots_behind():
    mesh = poles.reflector_post()
    shining = mesh.materials == MATERIAL["reflector"]
    ahead = facing(mesh)[shining][:, 0]
    assert (ahead > 0.999).sum() == 2  # one rectangle
    assert (ahead < -0.999).sum() == 8  # two hexagons
    assert mesh.vertices[:, 2].max() == pytest.approx(poles.POST_HEIGHT_M)


def test_a_gantrys_boards_hang_above_every_lorry_and_look_at_both_directions():
    mesh = gantries.beam(14.0, -14.0, SPANS, SPANS)
    assert mesh.vertices[:, 2].min() >= 5.0
    blue = mesh.materials == MATERIAL["sign_blue"]
    middles = mesh.vertices[mesh.triangles[blue]].mean(axis=1)
    looks = facing(mesh)[blue][:, 0]
    assert (middles[looks > 0.0][:, 1] > 0.0).all()  # to the right of who reads them
    assert (middles[looks < 0.0][:, 1] < 0.0).all()
    assert {*np.sign(looks).tolist()} == {-1.0, 1.0}

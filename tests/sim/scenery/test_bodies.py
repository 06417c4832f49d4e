"""Bodies of actors: their size, their skin, their lamps and colours, how many triangles they cost."""

from hashlib import blake2b

import numpy as np
import pytest

from sim.scenery.bodies import body_for, motorcars, people
from sim.scenery.bodies.wheels import wheel
from sim.scenery.materials import MATERIALS, Lamp, Semantic
from sim.scenery.mesh import PARTS, Mesh, Part
from sim.truth import VEHICLE_KINDS, ActorKind
from sim.twin.hulls import ARTICULATED, actor_hull
from stack.vocabulary import InputError
from tests.sim.scenery.crossings import crossings, lines_through

ENTITIES = (1, 2, 3, 77, 4_000_000_000)
PEOPLE = (ActorKind.ADULT, ActorKind.CHILD)
BUDGETS = {
    ActorKind.CAR: (500, 1300), ActorKind.VAN: (500, 1300), ActorKind.SOFT_TARGET: (500, 1300),
    ActorKind.TRUCK: (600, 1500), ActorKind.BUS: (600, 1500), ActorKind.ADULT: (250, 600),
    ActorKind.CHILD: (250, 600), ActorKind.CYCLIST: (500, 900), ActorKind.MOTORCYCLE: (500, 900),
    ActorKind.CONE: (40, 80), ActorKind.STEEL_PLATE: (12, 12), ActorKind.DEBRIS: (12, 120),
    ActorKind.GANTRY: (60, 400), ActorKind.GUARD_RAIL: (20, 160), ActorKind.BUILDING: (10, 60),
}  # fmt: skip


def usual(kind, entity=1):
    hull = actor_hull(kind)
    return body_for(kind, entity, hull.size_m, hull.clearance_m)


def articulated(entity=1):
    return body_for(ActorKind.TRUCK, entity, ARTICULATED.size_m, ARTICULATED.clearance_m)


def outline(mesh):
    return mesh.vertices.min(axis=0), mesh.vertices.max(axis=0)


def lamps_of(body):
    return {MATERIALS[row].lamp for row in set(body.mesh.materials.tolist())} - {Lamp.NONE}


@pytest.mark.parametrize("kind", ActorKind)
def test_a_body_fills_its_actors_box_and_stands_on_the_ground(kind):
    for entity in ENTITIES:
        hull = actor_hull(kind)
        low, high = outline(usual(kind, entity).mesh)
        half = 0.5 * np.array(hull.size_m[:2])
        if kind in PEOPLE:
            assert 0.4 * hull.size_m[0] < high[0] - low[0] <= hull.size_m[0]
            low[0], high[0] = -half[0], half[0]
        assert np.array_equal(low, np.array((-half[0], -half[1], 0.0), dtype=np.float32))
        top_m = hull.clearance_m + hull.size_m[2]
        assert np.array_equal(high, np.array((half[0], half[1], top_m), dtype=np.float32))


@pytest.mark.parametrize(
    ("kind", "size_m"),
    [(ActorKind.CAR, (3.6, 1.6, 1.5)), (ActorKind.CAR, (5.1, 1.9, 1.45)), (ActorKind.CAR, (4.8, 1.95, 1.8)),
     (ActorKind.VAN, (5.0, 1.9, 1.95)), (ActorKind.TRUCK, (7.0, 2.3, 3.0)), (ActorKind.TRUCK, (12.9, 2.55, 3.9)),
     (ActorKind.TRUCK, (13.1, 2.5, 3.6)), (ActorKind.TRUCK, (18.75, 2.55, 4.0)), (ActorKind.BUS, (18.0, 2.55, 3.2)),
     (ActorKind.BUS, (8.0, 2.3, 2.9)), (ActorKind.ADULT, (0.5, 0.6, 1.55)), (ActorKind.ADULT, (0.2, 0.4, 2.0)),
     (ActorKind.CYCLIST, (1.6, 0.6, 1.7)), (ActorKind.MOTORCYCLE, (2.4, 0.95, 1.7)), (ActorKind.GANTRY, (1, 5, 1)),
     (ActorKind.GUARD_RAIL, (1.0, 0.4, 0.8)), (ActorKind.BUILDING, (8.0, 30.0, 25.0)), (ActorKind.CONE, (0.3, 0.3, 1)),
     (ActorKind.DEBRIS, (0.3, 2.0, 0.2)), (ActorKind.DEBRIS, (1.0, 1.0, 0.2)), (ActorKind.STEEL_PLATE, (3, 2, 0.03))],
)  # fmt: skip
def test_a_body_is_made_to_any_size_its_kind_may_have(kind, size_m):
    for entity in ENTITIES:
        mesh = body_for(kind, entity, size_m, 0.0).mesh
        low, high = outline(mesh)
        across = slice(1, 3) if kind in PEOPLE else slice(0, 3)
        assert (high - low)[across] == pytest.approx(np.array(size_m, dtype=np.float64)[across], abs=1e-5)
        assert (high - low)[0] <= size_m[0] + 1e-5
        assert np.isfinite(mesh.vertices).all()
        assert np.linalg.norm(mesh.normals, axis=1) == pytest.approx(1.0, abs=1e-4)


@pytest.mark.parametrize("size_m", [(0.0, 1.0, 1.0), (1.0, -1.0, 1.0), (1.0, 1.0, float("nan"))])
def test_a_size_nothing_can_have_is_refused_with_the_mend(size_m):
    with pytest.raises(InputError, match="give a size above 0"):
        body_for(ActorKind.CAR, 1, size_m)
    with pytest.raises(InputError, match="clearance -1"):
        body_for(ActorKind.CAR, 1, (4.0, 1.8, 1.4), -1.0)


@pytest.mark.parametrize("kind", ActorKind)
def test_bodies_keep_to_their_budget_of_triangles(kind):
    least, most = BUDGETS[kind]
    for entity in ENTITIES:
        assert least <= len(usual(kind, entity).mesh.triangles) <= most
    if kind is ActorKind.TRUCK:
        assert least <= len(articulated().mesh.triangles) <= most


@pytest.mark.parametrize("kind", ActorKind)
def test_normals_point_to_the_side_their_triangles_are_seen_from(kind):
    for entity in ENTITIES[:3]:
        mesh = usual(kind, entity).mesh
        a, b, c = (mesh.vertices[mesh.triangles[:, i]].astype(np.float64) for i in range(3))
        faces = np.cross(b - a, c - a)
        size = np.linalg.norm(faces, axis=1)
        assert size.min() > 0.0
        along = [(faces * mesh.normals[mesh.triangles[:, i]]).sum(axis=1) / size for i in range(3)]
        assert np.min(along) > 0.0


@pytest.mark.parametrize("kind", ActorKind)
def test_whoever_looks_at_a_body_from_outside_sees_front_faces(kind):
    bodies = [usual(kind, entity) for entity in ENTITIES[:3]] + ([articulated()] if kind is ActorKind.TRUCK else [])
    for body in bodies:
        for axis in range(3):
            seen = crossings(body.mesh, axis, lines_through(body.mesh, axis, 150))
            ends = [front_first(line) for line in seen if line and axis != 2]  # nobody looks from below the road
            ends += [front_first([(-place, -side, row) for place, side, row in line]) for line in seen if line]
            assert ends.count(False) <= 0.02 * len(ends)  # into the open end of a tube, say


def front_first(line):
    """Whether the nearest face is a front face; where two sheets lie back to back, one of them is."""
    nearest = min(place for place, _, _ in line)
    return any(side > 0 for place, side, _ in line if place < nearest + 1e-5)


def skins():
    hulls = {shape: motorcars.motorcar(shape, (4.4, 1.8, 1.5)) for shape in (*motorcars.CARS, motorcars.PANEL_VAN)}
    open_sheets = {"plate", "brake_lamp"}
    for shape, mesh in hulls.items():
        kept = [MATERIALS[row].name not in open_sheets for row in mesh.materials.tolist()]
        # the lofts and wheels alone: plates and the bar above the rear glass are sheets
        sizes = np.array(kept) | (np.arange(len(kept)) < _first_wheel(mesh))
        yield f"car {motorcars.CARS.index(shape) if shape in motorcars.CARS else 'van'}", mesh, sizes
    for figure in (people.ADULT, people.CHILD):
        for entity in ENTITIES[:3]:
            mesh = people.person(figure, 1.7, entity)
            yield f"person {entity}", mesh, np.ones(len(mesh.triangles), dtype=bool)
    mesh = wheel(0.3, -0.8, 0.3, 0.2)
    yield "wheel", mesh, np.ones(len(mesh.triangles), dtype=bool)


def _first_wheel(mesh):
    rubber = [row for row, material in enumerate(mesh.materials.tolist()) if MATERIALS[material].name == "rubber"]
    return rubber[0]


@pytest.mark.parametrize(("name", "mesh", "kept"), [pytest.param(*skin, id=skin[0]) for skin in skins()])
def test_a_line_leaves_a_closed_skin_as_often_as_it_enters(name, mesh, kept):
    closed = Mesh(
        vertices=mesh.vertices, normals=mesh.normals, parts=mesh.parts, triangles=mesh.triangles[kept],
        materials=mesh.materials[kept], joints=mesh.joints,
    )  # fmt: skip
    for axis in range(3):
        for line in crossings(closed, axis, lines_through(closed, axis, 150, seed=axis)):
            assert sum(side for _, side, _ in line) == 0, name


def test_vehicles_have_all_their_lamps_on_the_right_ends_and_sides():
    for kind in VEHICLE_KINDS - {ActorKind.SOFT_TARGET}:
        hull = actor_hull(kind)
        bodies = [usual(kind, entity) for entity in ENTITIES] + ([articulated()] if kind is ActorKind.TRUCK else [])
        for body in bodies:
            mesh = body.mesh
            wanted = {Lamp.HEAD, Lamp.TAIL, Lamp.BRAKE, Lamp.LEFT_INDICATOR, Lamp.RIGHT_INDICATOR}
            assert lamps_of(body) == wanted
            lamp = np.array([MATERIALS[row].lamp for row in mesh.materials.tolist()])
            middles = mesh.vertices[mesh.triangles].mean(axis=1)
            half_m = 0.5 * float(np.ptp(mesh.vertices[:, 0]))
            assert middles[lamp == Lamp.HEAD, 0].min() > 0.25 * half_m
            assert middles[lamp == Lamp.TAIL, 0].max() < -0.6 * half_m
            assert middles[lamp == Lamp.BRAKE, 0].max() < -0.2 * half_m  # a saloon has one above its rear glass
            assert middles[lamp == Lamp.LEFT_INDICATOR, 1].min() > 0.0 > middles[lamp == Lamp.RIGHT_INDICATOR, 1].max()
            for side in (Lamp.LEFT_INDICATOR, Lamp.RIGHT_INDICATOR):
                assert middles[lamp == side, 0].min() < 0.0 < middles[lamp == side, 0].max()
            heights = middles[lamp == Lamp.HEAD, 2]
            assert 0.4 < heights.min() < heights.max() < 1.3  # UN R48 6.2.4.2: 0.5 to 1.2 m, by their edges
            assert hull.clearance_m < heights.min()


def test_lamps_can_be_seen_from_the_end_they_are_on():
    for kind in VEHICLE_KINDS - {ActorKind.SOFT_TARGET}:
        for entity in ENTITIES[:3]:
            mesh = usual(kind, entity).mesh
            seen = crossings(mesh, 0, lines_through(mesh, 0, 2500))
            front = {MATERIALS[mesh.materials[line[-1][2]]].lamp for line in seen if line}
            rear = {MATERIALS[mesh.materials[line[0][2]]].lamp for line in seen if line}
            assert front >= {Lamp.HEAD}
            assert rear >= {Lamp.TAIL, Lamp.BRAKE, Lamp.LEFT_INDICATOR, Lamp.RIGHT_INDICATOR}


def test_left_and_right_of_a_car_are_alike_but_for_the_indicators():
    body = usual(ActorKind.CAR)
    lamp = np.array([MATERIALS[row].lamp for row in body.mesh.materials.tolist()])
    assert (lamp == Lamp.LEFT_INDICATOR).sum() == (lamp == Lamp.RIGHT_INDICATOR).sum()
    middle = body.mesh.vertices[:, 1]
    assert middle.min() == -middle.max()


def test_sight_passes_below_a_truck_between_its_axles():
    for body in (usual(ActorKind.TRUCK), articulated()):
        mesh = body.mesh
        lines = np.array([(0.25, x) for x in np.linspace(-1.5, 1.0, 20)])  # across at 0.25 m above the road: (z, x)
        seen = crossings(mesh, 1, lines)
        assert sum(not line for line in seen) >= 15
        high = crossings(mesh, 1, np.array([(2.5, x) for x in np.linspace(-1.5, 1.0, 20)]))
        assert all(high)


def test_colours_and_variants_follow_the_entity_and_vary():
    cars = [usual(ActorKind.CAR, entity) for entity in range(400)]
    assert len({body.colour for body in cars}) == 10
    assert len({body.mesh.vertices.tobytes() for body in cars}) >= 2
    grey = sum(max(body.colour) - min(body.colour) < 0.04 for body in cars)
    assert 0.73 * 400 < grey < 0.85 * 400  # white, black, grey and silver are 79 % of new cars
    long_cars = {body_for(ActorKind.CAR, entity, (4.55, 1.8, 1.5)).mesh.vertices.tobytes() for entity in range(30)}
    assert len(long_cars) == 4
    assert len({usual(ActorKind.ADULT, entity).mesh.triangles.tobytes() for entity in range(30)}) >= 2
    assert len({usual(ActorKind.TRUCK, entity).mesh.materials.tobytes() for entity in range(30)}) >= 2
    assert len({usual(ActorKind.DEBRIS, entity).mesh.materials.tobytes() for entity in range(30)}) == 2


def test_the_same_entity_has_the_same_bytes_whoever_was_made_before():
    def digest():
        hashed = blake2b()
        for kind in ActorKind:
            body = usual(kind, 42)
            for array in (body.mesh.vertices, body.mesh.normals, body.mesh.triangles, body.mesh.materials):
                hashed.update(array.tobytes())
            hashed.update(repr((body.colour, body.semantic)).encode())
        return hashed.hexdigest()

    first = digest()
    body_for.cache_clear()
    usual(ActorKind.BUS, 7)
    assert digest() == first
    assert usual(ActorKind.CAR, 5) is usual(ActorKind.CAR, 5)


def test_arrays_of_a_body_cannot_be_changed():
    mesh = usual(ActorKind.VAN).mesh
    for array in (mesh.vertices, mesh.normals, mesh.parts, mesh.triangles, mesh.materials, mesh.joints):
        assert not array.flags.writeable


def test_only_those_who_walk_or_pedal_have_moving_parts():
    for kind in ActorKind:
        parts = set(usual(kind).mesh.parts.tolist())
        if kind in PEOPLE:
            assert parts == set(range(PARTS))
        elif kind is ActorKind.CYCLIST:
            assert parts == {Part.BODY, Part.LEFT_THIGH, Part.RIGHT_THIGH, Part.LEFT_SHIN, Part.RIGHT_SHIN}
        else:
            assert parts == {Part.BODY}


def test_riders_are_told_from_what_they_ride():
    for kind, ridden in ((ActorKind.CYCLIST, Semantic.BICYCLE), (ActorKind.MOTORCYCLE, Semantic.MOTORCYCLE)):
        body = usual(kind)
        classes = {MATERIALS[row].semantic or body.semantic for row in body.mesh.materials.tolist()}
        assert classes >= {ridden, Semantic.RIDER}
    adult = usual(ActorKind.ADULT)
    assert {MATERIALS[row].semantic or adult.semantic for row in adult.mesh.materials.tolist()} == {Semantic.PEDESTRIAN}


def test_a_narrow_gantry_hangs_and_a_wide_one_stands_outside_the_lanes():
    narrow = body_for(ActorKind.GANTRY, 1, (1.0, 6.0, 1.5), 5.0).mesh
    assert narrow.vertices[:, 2].min() == 5.0
    wide = usual(ActorKind.GANTRY).mesh
    low = wide.vertices[wide.vertices[:, 2] < 4.99]
    assert low[:, 2].min() == 0.0
    assert np.abs(low[:, 1]).min() > 9.0


def test_the_soft_target_is_a_chequered_car_without_glowing_lamps():
    body = usual(ActorKind.SOFT_TARGET)
    names = [MATERIALS[row].name for row in body.mesh.materials.tolist()]
    assert names.count("foam") > 0.4 * len(names)
    assert lamps_of(body) == set()

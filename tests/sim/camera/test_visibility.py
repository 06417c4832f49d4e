"""The buffer of facet numbers: no gaps, no overlaps, the nearer wins, bands change nothing."""

import numpy as np

from sim.camera.visibility import NOTHING, rasterise

ROWS, COLUMNS = 60, 80


def pieces_of(triangles, nearness):
    """Flat pieces from corners (t, 3, 2) as (column, row), each of one inverse depth."""
    pieces = np.zeros((len(triangles), 9))
    pieces[:, :6] = np.asarray(triangles, dtype=float).reshape(-1, 6)
    pieces[:, 6] = nearness
    return pieces, np.arange(len(triangles), dtype=np.int32)


def painted(triangles, nearness=0.1, bands=1):
    pieces, owners = pieces_of(triangles, nearness)
    near, ids = np.zeros((ROWS, COLUMNS), np.float32), np.zeros((ROWS, COLUMNS), np.int32)
    ends = [ROWS * band // bands for band in range(bands + 1)]
    for first, end in zip(ends[:-1], ends[1:], strict=True):
        rasterise(pieces, owners, len(pieces), first, end, near, ids)
    return ids, near


def fan(seed, count=40):
    """Triangles about a middle point that share their edges all round."""
    rng = np.random.default_rng(seed)
    turns = np.sort(rng.uniform(0.0, 2.0 * np.pi, count))
    rim = np.column_stack([40.0 + 300.0 * np.cos(turns), 30.0 + 300.0 * np.sin(turns)])
    middle = rng.uniform((35.0, 25.0), (45.0, 35.0))
    return [(middle, a, b) for a, b in zip(rim, np.roll(rim, -1, axis=0), strict=True)]


def test_triangles_with_common_edges_leave_no_gap_and_do_not_overlap():
    for seed in range(20):
        triangles = fan(seed)
        together, _ = painted(triangles)
        assert np.all(together != NOTHING)
        alone = sum((painted([triangle])[0] != NOTHING).astype(int) for triangle in triangles)
        assert np.all(alone == 1)


def test_samples_belong_to_the_triangle_they_lie_in():
    rng = np.random.default_rng(5)
    for corners in rng.uniform(-30.0, 110.0, (60, 3, 2)):
        ids, _ = painted([corners])
        rows, columns = np.mgrid[0:ROWS, 0:COLUMNS]
        sides = []
        for (ax, ay), (bx, by) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
            sides.append((bx - ax) * (rows - ay) - (by - ay) * (columns - ax))
        sides = np.array(sides)
        inside = np.all(sides > 1e-6, axis=0) | np.all(sides < -1e-6, axis=0)
        outside = ~(np.all(sides >= -1e-6, axis=0) | np.all(sides <= 1e-6, axis=0))
        assert np.all(ids[inside] == 0)
        assert np.all(ids[outside] == NOTHING)


def test_the_nearer_wins_whatever_the_order():
    whole = [(-100.0, -100.0), (400.0, -100.0), (-100.0, 400.0)]
    for nearness in ([0.1, 0.2], [0.2, 0.1]):
        ids, near = painted([whole, whole], nearness)
        assert np.all(ids == int(np.argmax(nearness)))
        assert np.all(near == np.float32(0.2))


def test_bands_change_nothing():
    rng = np.random.default_rng(11)
    triangles = rng.uniform(-40.0, 120.0, (200, 3, 2))
    nearness = rng.uniform(0.01, 1.0, 200)
    ids, near = painted(triangles, nearness)
    for bands in (2, 3, 7, 60):
        again = painted(triangles, nearness, bands)
        assert np.array_equal(again[0], ids)
        assert np.array_equal(again[1], near)

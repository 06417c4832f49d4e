"""The imager on one core, 640 x 360 to RGB8: metering, blur, stray light, noise, tone; against numpy's noise alone."""

import numpy as np
import pytest

from sim.camera.imager import Imager
from sim.camera.lens import Lens, rays
from sim.camera.picture import NOBODY, Picture
from tests.benchmarks.measuring import in_turn, report
from tests.sim.camera.pictures import eye, moving

pytestmark = pytest.mark.benchmark_speed
SPEED_MPS = 22.0
DAY_S, DUSK_S = 0.0002, 0.010


def road():
    """A chequered road to the horizon and the sky above it, seen from a truck's cab."""
    lens = Lens()
    sight = rays(lens)
    down = sight[..., 1] < 0.0
    depth = np.full(down.shape, np.inf, dtype=np.float32)
    depth[down] = 2.2 / -sight[..., 1][down]
    across = np.where(down, sight[..., 0] * np.where(down, depth, 0.0), 0.0)
    chequer = (np.floor(np.where(down, depth, 0.0) / 3.0) + np.floor(across / 1.5)) % 2.0
    radiance = np.where(down, 600.0 + 900.0 * chequer, 4_000.0).astype(np.float32)
    return lens, Picture(
        radiance=np.repeat(radiance[..., None], 3, axis=-1),
        depth_m=depth,
        instance=np.full(down.shape, NOBODY, dtype=np.int32),
        semantic=np.zeros(down.shape, dtype=np.uint8),
    )


def test_the_imager_costs_less_than_drawing_its_noise_with_numpy(capsys):
    lens, picture = road()
    imager = Imager(1, "camera", lens)
    motion = (moving(np.zeros(6)), eye((SPEED_MPS, 0.0, 0.0)))
    generator = np.random.Generator(np.random.Philox(1))

    def frame(exposure_s):
        return imager.develop(picture, imager.metered(picture), 0, exposure_s, 0.0, motion)

    def numpy_noise():
        return generator.standard_normal((lens.height_px, lens.width_px, 3), dtype=np.float32)

    assert frame(DAY_S).std() > 5.0  # compiles
    assert (frame(DAY_S) != frame(DUSK_S)).any()
    day_s, noise_s = in_turn(lambda: frame(DAY_S), numpy_noise, rounds=30)
    dusk_s, _noise_s = in_turn(lambda: frame(DUSK_S), numpy_noise, rounds=30)
    report(
        capsys, "imager", day_ms=1e3 * day_s, dusk_blurred_ms=1e3 * dusk_s, numpy_normals_ms=1e3 * noise_s,
        day_ratio=day_s / noise_s, dusk_ratio=dusk_s / noise_s,
    )  # fmt: skip
    assert day_s / noise_s < 0.6
    assert dusk_s / noise_s < 1.3

import subprocess
import sys

import numpy as np
import pytest

from sim.camera.noise import COARSE, fill_normals, frame_key, pixel_word, quantiles
from sim.randomness import philox4x32, stream_key


def test_words_are_those_published_for_splitmix64():
    # the outputs of SplitMix64 seeded with 1234567, as given with Vigna's reference code on Rosetta Code
    known = [
        6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821
    ]  # fmt: skip
    assert [int(pixel_word(np.uint64(1234567), pixel)) for pixel in range(5)] == known


def test_words_wrap_at_64_bits_as_integers_do():
    mask = 2**64 - 1

    def plain(key, pixel):
        z = (key + (pixel + 1) * 0x9E3779B97F4A7C15) & mask
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
        return z ^ (z >> 31)

    for key in (0, 1, 2**63, mask, 0xDEADBEEFCAFEF00D):
        for pixel in (0, 1, 230_399, 2**31, 2**32 + 7):
            assert int(pixel_word(np.uint64(key), np.int64(pixel))) == plain(key, pixel)


def test_a_frame_s_key_is_philox_and_tells_seed_stream_and_slot_apart():
    key = stream_key(3, "camera_image.noise")
    a, b, _c, _d = philox4x32(key, 0, 50_000_000, 0)
    assert int(frame_key(key, 50_000_000)) == int(a) << 32 | int(b)
    keys = {
        int(frame_key(stream_key(seed, name), slot))
        for seed in (1, 2) for name in ("camera_image", "camera_image/left") for slot in (0, 1, 2**40)
    }  # fmt: skip
    assert len(keys) == 12


def drawn(key, pixels=200_000):
    out = np.empty((pixels, 3), dtype=np.float32)
    fill_normals(np.uint64(key), quantiles(), out)
    return out.astype(np.float64)


def test_values_are_normal_with_unit_variance():
    values = drawn(99).reshape(-1)
    count = len(values)
    assert abs(values.mean()) < 4.0 / count**0.5
    assert values.var() == pytest.approx(1.0, abs=4.0 * (2.0 / count) ** 0.5)
    assert (values**3).mean() == pytest.approx(0.0, abs=4.0 * (15.0 / count) ** 0.5)
    assert (values**4).mean() == pytest.approx(3.0, abs=0.05)
    for sigmas, share in ((1.0, 0.3173), (2.0, 0.0455), (3.0, 0.0027)):
        assert (np.abs(values) > sigmas).mean() == pytest.approx(share, rel=0.06)
    assert 4.2 < np.abs(values).max() < 5.0


def test_the_tables_have_exactly_unit_variance_together():
    tables = quantiles().astype(np.float64)
    assert (tables[:COARSE] ** 2).mean() + (tables[COARSE:] ** 2).mean() == pytest.approx(1.0, abs=1e-6)
    assert abs(tables.sum()) < 1e-3


def test_neighbours_channels_and_frames_are_unrelated():
    one, other = drawn(1), drawn(2)
    limit = 4.0 / len(one) ** 0.5
    assert abs((one[1:, 0] * one[:-1, 0]).mean()) < limit
    assert abs((one[640:, 1] * one[:-640, 1]).mean()) < limit
    assert abs((one[:, 0] * one[:, 1]).mean()) < limit
    assert abs((one[:, 1] * one[:, 2]).mean()) < limit
    assert abs((one[:, 0] * other[:, 0]).mean()) < limit


def test_another_process_draws_the_same():
    code = (
        "import numpy as np, hashlib; from sim.camera.noise import fill_normals, quantiles\n"
        "out = np.empty((500, 3), dtype=np.float32); fill_normals(np.uint64(7), quantiles(), out)\n"
        "print(hashlib.sha256(out.tobytes()).hexdigest())"
    )
    import hashlib

    out = np.empty((500, 3), dtype=np.float32)
    fill_normals(np.uint64(7), quantiles(), out)
    there = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    assert there == hashlib.sha256(out.tobytes()).hexdigest()

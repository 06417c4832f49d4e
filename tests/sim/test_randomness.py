"""Counter-based chance: the authors' known answers, and that a draw knows only its counter."""

import numpy as np
import pytest

from sim.randomness import entity_id, normal, philox4x32, stream_key, uniform

# Known-answer tests of Random123 (kat_vectors, philox4x32 10): counter words, key words, answer.
KNOWN = [
    ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((0xFFFFFFFF,) * 4, (0xFFFFFFFF, 0xFFFFFFFF), (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]


@pytest.mark.parametrize(("counter", "key", "answer"), KNOWN)
def test_philox_gives_the_published_answers(counter, key, answer):
    slot = np.uint64(counter[1] | counter[2] << 32)
    words = philox4x32(np.uint64(key[0] | key[1] << 32), np.uint64(counter[0]), slot, np.uint64(counter[3]))
    assert tuple(int(word) for word in words) == answer


def test_a_draw_depends_on_seed_stream_entity_slot_and_block_only():
    key = stream_key(7, "radar")
    first = uniform(key, 3, 1000, 0)
    _ = [uniform(key, 4, slot, 0) for slot in range(50)]
    assert uniform(key, 3, 1000, 0) == first
    others = {
        uniform(stream_key(8, "radar"), 3, 1000, 0),
        uniform(stream_key(7, "camera"), 3, 1000, 0),
        uniform(key, 4, 1000, 0),
        uniform(key, 3, 1001, 0),
        uniform(key, 3, 1000, 1),
    }
    assert first not in others
    assert len(others) == 5


def test_uniform_and_normal_have_the_moments_they_should():
    key = stream_key(1, "moments")
    u = np.array([uniform(key, 0, slot, 0) for slot in range(20_000)])
    z = np.array([normal(key, 1, slot, 0) for slot in range(20_000)])
    assert u.min() >= 0.0
    assert u.max() < 1.0
    assert abs(u.mean() - 0.5) < 0.01
    assert abs(u.var() - 1 / 12) < 0.003
    assert abs(z.mean()) < 0.03
    assert abs(z.var() - 1.0) < 0.04


def test_entities_are_named_not_counted():
    assert entity_id("lead") == entity_id("lead")
    assert entity_id("lead") != entity_id("follower")
    assert 0 <= entity_id("lead") < 2**32

"""Videos: as many frames as were given, at their rate, in their colours; whole or not there at all."""

import resource
import sys

import numpy as np
import pytest

from scenarios.viewing.video import CODECS, VideoFile
from stack.vocabulary import InputError, MissingPart

av = pytest.importorskip("av")


def frames(count, size=(64, 48)):
    """Grey pictures with a red square that walks."""
    for number in range(count):
        image = np.full((size[1], size[0], 3), 120, dtype=np.uint8)
        image[10:26, 2 * number : 2 * number + 16] = (200, 30, 40)
        yield image


def filmed(path, count=12, codec="vp9", rate_hz=20):
    with VideoFile(path, (64, 48), rate_hz, codec) as video:
        for image in frames(count):
            video.add(image)
    return path


@pytest.mark.parametrize("codec", sorted(CODECS))
def test_every_frame_comes_back_at_its_instant_in_its_colours(tmp_path, codec):
    path = filmed(tmp_path / "a.webm", codec=codec)
    with av.open(str(path)) as found:
        stream = found.streams.video[0]
        assert (stream.width, stream.height) == (64, 48)
        assert stream.average_rate == 20
        shown = list(found.decode(stream))
    assert [frame.time for frame in shown] == pytest.approx([0.05 * number for number in range(12)], abs=1e-3)
    image = shown[6].to_ndarray(format="rgb24", src_colorspace="ITU709").astype(int)
    assert np.abs(image[18, 20] - (200, 30, 40)).max() < 25
    assert np.abs(image[40, 50] - 120).max() < 8


def test_the_video_says_which_colours_it_means(tmp_path):
    with av.open(str(filmed(tmp_path / "a.webm"))) as found:
        frame = next(found.decode(video=0))
    assert (int(frame.colorspace), int(frame.color_range)) == (1, 1)


@pytest.mark.parametrize("codec", sorted(CODECS))
def test_the_same_frames_are_the_same_pictures_again(tmp_path, codec):
    def pictures(path):
        with av.open(str(path)) as found:
            return [frame.to_ndarray(format="rgb24").tobytes() for frame in found.decode(video=0)]

    one, two = (pictures(filmed(tmp_path / f"{name}.webm", codec=codec)) for name in "ab")
    assert one == two


@pytest.mark.parametrize("stop", [ValueError, KeyboardInterrupt])
def test_a_video_that_is_stopped_leaves_nothing_and_spares_the_old_one(tmp_path, stop):
    old = tmp_path / "a.webm"
    old.write_bytes(b"the old one")
    with pytest.raises(stop), VideoFile(old, (64, 48), 20) as video:
        video.add(next(frames(1)))
        raise stop
    assert [path.name for path in tmp_path.iterdir()] == ["a.webm"]
    assert old.read_bytes() == b"the old one"


def test_a_full_disk_is_an_error_and_leaves_nothing(tmp_path):
    noise = np.random.Generator(np.random.PCG64(7))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, before[1]))
    try:
        with pytest.raises(OSError, match="too large"), VideoFile(tmp_path / "a.webm", (160, 90), 20) as video:
            for _ in range(60):
                video.add(noise.integers(0, 255, (90, 160, 3)).astype(np.uint8))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert not list(tmp_path.iterdir())


def test_a_place_that_is_no_folder_is_an_error(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OSError, match="file"), VideoFile(tmp_path / "file" / "a.webm", (64, 48), 20):
        pass


def test_an_unknown_codec_is_refused(tmp_path):
    with pytest.raises(InputError, match="vp9"):
        VideoFile(tmp_path / "a.webm", (64, 48), 20, "h264")


def test_without_the_library_it_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(MissingPart, match=r"pip install 'faultline\[record\]'"):
        VideoFile(tmp_path / "a.webm", (64, 48), 20)

"""Videos that browsers play: VP9 or AV1 in WebM, through PyAV. Written beside their place and renamed into it."""

import os
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any, Self, cast

import numpy as np
from numpy.typing import NDArray

from stack.vocabulary import Finding, InputError, MissingPart

# Encoder and its options: quick, one thread, so that the same frames give the same file.
CODECS: dict[str, tuple[str, dict[str, str]]] = {
    "vp9": ("libvpx-vp9", {"deadline": "realtime", "cpu-used": "8", "crf": "30", "b": "0", "row-mt": "0"}),
    "av1": ("libsvtav1", {"preset": "9", "crf": "34", "svtav1-params": "lp=1"}),
}
BT709, NARROW = 1, 1  # ITU-T H.273: colour primaries, transfer and matrix of HDTV; range 16 to 235


def part_for_videos() -> Any:
    """PyAV, or `MissingPart`: ask before a run is played for it."""
    try:
        import av
    except ModuleNotFoundError as missing:
        raise MissingPart("videos need PyAV: pip install 'faultline[record]'") from missing
    return cast(Any, av)


class VideoFile:
    """One video being written. Used as a context; leaving it with an error leaves no file behind."""

    def __init__(self, path: Path, size_px: tuple[int, int], rate_hz: int, codec: str = "vp9") -> None:
        if codec not in CODECS:
            raise InputError((Finding(where="--codec", field=codec, problem=f"take one of {', '.join(CODECS)}"),))
        self._av = part_for_videos()
        self._path, self._size_px, self._rate_hz, self._codec = path, size_px, rate_hz, codec
        self._beside = path.with_name(f".{path.name}.{os.getpid()}")
        self._container: Any = None
        self._file: Any = None
        self._count = 0

    def __enter__(self) -> Self:
        os.environ.setdefault("SVT_LOG", "1")  # the AV1 encoder tells its settings on standard error otherwise
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self._beside.open("w+b")
        try:
            self._container = self._av.open(self._file, "w", format="webm")
            name, options = CODECS[self._codec]
            stream = self._container.add_stream(name, rate=self._rate_hz, options=options)
            stream.width, stream.height = self._size_px
            stream.pix_fmt = "yuv420p"
            stream.time_base = Fraction(1, self._rate_hz)
            context = stream.codec_context
            context.thread_count = 1
            context.colorspace = context.color_primaries = context.color_trc = BT709
            context.color_range = NARROW
            self._stream = stream
        except BaseException:
            self._drop()
            raise
        return self

    def add(self, image: NDArray[np.uint8]) -> None:
        """The next frame, (h, w, 3) RGB."""
        full = self._av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="rgb24")
        frame = full.reformat(format="yuv420p", dst_colorspace=BT709, dst_color_range=NARROW)
        frame.pts = self._count
        frame.time_base = Fraction(1, self._rate_hz)
        self._count += 1
        for packet in self._stream.encode(frame):
            self._container.mux(packet)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self._drop()
            return
        try:
            for packet in self._stream.encode():
                self._container.mux(packet)
            self._container.close()
            self._file.close()
            self._beside.replace(self._path)
        finally:
            self._drop()

    def _drop(self) -> None:
        """Leave nothing behind that is not a whole video; what fails on the way is not worth a word."""
        for part in (self._container, self._file):
            try:
                if part is not None:
                    part.close()
            except (OSError, ValueError):
                pass
        self._beside.unlink(missing_ok=True)

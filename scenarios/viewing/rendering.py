"""One picture of a scenario at an instant, as a file: PNG or JPEG, written whole or not at all."""

from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from scenarios.assembly import RunRequest, prepare
from scenarios.viewing.heard import Heard, Wire
from scenarios.viewing.shots import VIEWS, Theatre
from scenarios.whole_files import write_whole
from sim.sensors.pixel_camera import Shot
from stack.vocabulary import Finding, InputError, SimNs, ns_from_s, s_from_ns

ENDINGS = (".png", ".jpg", ".jpeg", ".webp")
LATEST_S = 1e6  # no run is that long
SMALLEST_PX, LARGEST_PX = 16, 4096
Image = NDArray[np.uint8]
FARTHEST_M = 200.0  # depth pictures show this as black


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendering:
    """What is wanted: a run, an instant, from where, how large, of what, and the file."""

    request: RunRequest
    at_s: float
    path: Path
    view: str = "dash"
    width_px: int = 1280
    height_px: int = 720
    shows: str = "colour"

    def checked(self) -> "Rendering":
        """The same, or an InputError with every finding."""
        findings = []
        if self.path.suffix.lower() not in ENDINGS:
            problem = f"name a file that ends in {', '.join(ENDINGS)}"
            findings.append(Finding(where="--out", field=str(self.path), problem=problem))
        if not 0.0 <= self.at_s <= LATEST_S:
            problem = f"is no instant of a run; give 0 to {LATEST_S:g} s"
            findings.append(Finding(where="--at", field=f"{self.at_s:g}", problem=problem))
        for option, value, known in (("--view", self.view, VIEWS), ("--shows", self.shows, PICTURES)):
            if value not in known:
                findings.append(Finding(where=option, field=value, problem=f"there are {', '.join(known)}"))
        if findings:
            raise InputError(tuple(findings))
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """The file, the instant it shows, the run, and whether it had ended before the instant asked for."""

    path: Path
    at: SimNs
    run_id: str
    ended_before: bool


def size_of(text: str) -> tuple[int, int]:
    """WIDTHxHEIGHT as numbers; raises `InputError`."""
    width, cross, height = text.lower().partition("x")
    if not cross or not width.isdigit() or not height.isdigit():
        raise InputError((Finding(where="--size", field=text, problem="write it as WIDTHxHEIGHT, say 1280x720"),))
    findings = [
        Finding(where="--size", field=text, problem=f"{name} {value} px; give {SMALLEST_PX} to {LARGEST_PX}")
        for name, value in (("width", int(width)), ("height", int(height)))
        if not SMALLEST_PX <= value <= LARGEST_PX
    ]
    if findings:
        raise InputError(tuple(findings))
    return int(width), int(height)


def render(wanted: Rendering) -> Rendered:
    """Play the run, draw the instant, write the file; raises `InputError` with every finding before it plays."""
    wanted.checked()
    prepared, heard = prepare(wanted.request), Heard()
    record = prepared.play(digest=False, observe=lambda playing: heard).record
    asked = ns_from_s(wanted.at_s)
    at = SimNs(min(asked, record.ended_at))
    theatre = Theatre(prepared, record, view=wanted.view, size_px=(wanted.width_px, wanted.height_px))
    shown = Wire(prepared, record, heard).shown_at(at) if wanted.view == "dash" else at
    write_image(wanted.path, shown_of(theatre.settled(shown), wanted.shows))
    return Rendered(path=wanted.path, at=at, run_id=record.run_id, ended_before=asked > record.ended_at)


def depth_image(depth_m: NDArray[np.float32]) -> Image:
    """Depth as brightness, by its logarithm: 1 m white, 200 m and more black."""
    share = 1.0 - np.log(np.clip(depth_m, 1.0, FARTHEST_M)) / np.log(FARTHEST_M)
    return np.repeat((255.0 * share).astype(np.uint8)[..., None], 3, axis=2)


def label_image(labels: NDArray[np.int64]) -> Image:
    """Numbers as colours, 0 black; neighbours far apart (multiples of the golden angle on the colour wheel)."""
    hue = (labels * 97) % 180
    wheel = np.stack((hue, np.full_like(hue, 170), np.full_like(hue, 235)), axis=-1).astype(np.uint8)
    image = cv2.cvtColor(wheel, cv2.COLOR_HSV2RGB)
    image[labels == 0] = 0
    return np.asarray(image, dtype=np.uint8)


# Colours of classes as the Cityscapes data set has them (Cordts et al. 2016), and CARLA's for its own further ones;
# by number of `Semantic`.
_CLASS_COLOURS = np.array(
    [
        (0, 0, 0), (128, 64, 128), (244, 35, 232), (70, 70, 70), (102, 102, 156), (190, 153, 153), (153, 153, 153),
        (250, 170, 30), (220, 220, 0), (107, 142, 35), (152, 251, 152), (70, 130, 180), (220, 20, 60), (255, 0, 0),
        (0, 0, 142), (0, 0, 70), (0, 60, 100), (0, 80, 100), (0, 0, 230), (119, 11, 32), (110, 190, 160),
        (170, 120, 50), (55, 90, 80), (45, 60, 150), (157, 234, 50), (81, 0, 81), (150, 100, 100), (230, 150, 140),
        (180, 165, 180),
    ],
    dtype=np.uint8,
)  # fmt: skip


def class_image(semantic: NDArray[np.uint8]) -> Image:
    """Semantic classes in the colours people know from Cityscapes."""
    return _CLASS_COLOURS[np.minimum(semantic, len(_CLASS_COLOURS) - 1)]


def encoded(image: Image, ending: str, quality: int = 90) -> bytes:
    """An RGB image as the bytes of a file."""
    settings = [cv2.IMWRITE_JPEG_QUALITY, quality] if ending in (".jpg", ".jpeg") else []
    settings += [cv2.IMWRITE_WEBP_QUALITY, quality] if ending == ".webp" else []
    _, data = cv2.imencode(ending, np.ascontiguousarray(image[..., ::-1]), settings)
    return bytes(data)


def data_url(image: Image, quality: int = 86) -> str:
    """An RGB image as text for a page: WebP."""
    return "data:image/webp;base64," + b64encode(encoded(image, ".webp", quality)).decode()


def write_image(path: Path, image: Image) -> None:
    """The image as a file, whole or not at all."""
    write_whole(path, encoded(image, path.suffix.lower()))


def shown_of(shot: Shot, shows: str) -> Image:
    """One of `PICTURES` of a shot."""
    return dict(_PARTS)[shows](shot)


def told(rendered: Rendered) -> str:
    """One line for the command line."""
    end = ", where it ended" if rendered.ended_before else ""
    return f"{rendered.path}  {rendered.run_id} at {s_from_ns(rendered.at):.2f} s{end}"


# What can be shown of a shot, by name.
_PARTS: tuple[tuple[str, Callable[[Shot], Image]], ...] = (
    ("colour", lambda shot: shot.image),
    ("depth", lambda shot: depth_image(shot.picture.depth_m)),
    ("instance", lambda shot: label_image(shot.picture.instance.astype(np.int64) + 1)),
    ("semantic", lambda shot: class_image(shot.picture.semantic)),
)
PICTURES = tuple(name for name, _ in _PARTS)

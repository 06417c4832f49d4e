"""A lens: which direction each pixel looks in. Pinhole with Brown-Conrady distortion.

Sensor axes: x along the optical axis, y left, z up. Pixel (u, v) has u to the right and v downwards
from the upper left corner; its centre is at (u + 0.5, v + 0.5). Distortion as in Brown (1971) and
OpenCV: radial k1, k2, k3, tangential p1, p2, from ideal to distorted coordinates.
"""

from dataclasses import dataclass
from functools import lru_cache
from math import atan, degrees, hypot, isfinite

import numpy as np
from numpy.typing import NDArray

from stack.vocabulary import Finding, InputError

Floats = NDArray[np.float64]

FEWEST_PX, MOST_PX = 16, 4096  # a side of the picture: smaller shows nothing, larger takes seconds a frame (own)
MOST_VIEW_RAD = 2.9671  # 170 degrees: beyond, a pinhole with a polynomial is no model of a lens (own)
_NEWTON_STEPS = 30
_SETTLED = 1e-11  # of the ideal coordinates: 1e-8 px at any focal length accepted here
_RIM_SAMPLES = 48  # places along a ray from the axis to the rim that are searched for a fold
_NEAREST_M = 1e-6  # in front of the lens


@dataclass(frozen=True, slots=True, kw_only=True)
class Lens:
    """Intrinsics of one camera, in pixels."""

    width_px: int = 640
    height_px: int = 360
    focal_x_px: float = 600.0
    focal_y_px: float = 600.0
    centre_x_px: float = 320.0
    centre_y_px: float = 180.0
    k1: float = 0.0
    k2: float = 0.0
    p1: float = 0.0
    p2: float = 0.0
    k3: float = 0.0

    @property
    def distorts(self) -> bool:
        """Whether straight lines bend."""
        return any((self.k1, self.k2, self.p1, self.p2, self.k3))

    @property
    def fewest_px(self) -> int:
        """The shortest side a picture may have."""
        return FEWEST_PX

    @property
    def most_view_rad(self) -> float:
        """The angle between opposite corners that must not be reached."""
        return MOST_VIEW_RAD


def checked_lens(lens: Lens, where: str = "lens") -> Lens:
    """The same lens if a picture can be drawn with it; else an InputError with every finding at once."""
    findings = lens_findings(lens, where)
    if findings:
        raise InputError(findings)
    return lens


def lens_findings(lens: Lens, where: str = "lens") -> tuple[Finding, ...]:
    """What is wrong with these intrinsics; empty if nothing."""
    found: list[Finding] = []

    def find(field: str, problem: str) -> None:
        found.append(Finding(where=where, field=field, problem=problem))

    sizes = (("width_px", lens.width_px), ("height_px", lens.height_px))
    for name, size in sizes:
        if not lens.fewest_px <= size <= MOST_PX or int(size) != size:
            find(name, f"{size} px; give a whole number from {lens.fewest_px} to {MOST_PX}")
    for name, focal in (("focal_x_px", lens.focal_x_px), ("focal_y_px", lens.focal_y_px)):
        if not (isfinite(focal) and focal > 0.0):
            find(name, f"{focal} px; a focal length is positive: half the width over the tangent of half the view")
    centres = (("centre_x_px", lens.centre_x_px, lens.width_px), ("centre_y_px", lens.centre_y_px, lens.height_px))
    for name, centre, size in centres:
        if not 0.0 <= centre <= size:
            find(name, f"{centre} px; the optical axis meets the picture, so give 0 to {size}")
    for name in ("k1", "k2", "p1", "p2", "k3"):
        if not isfinite(getattr(lens, name)):
            find(name, f"{getattr(lens, name)}; give a finite number, 0 for none")
    if not found:
        found += _sight_findings(lens, where)
    return tuple(found)


def _sight_findings(lens: Lens, where: str) -> list[Finding]:
    """Findings that need the directions of the rim: folds, and too wide a view."""
    rim_u, rim_v = _rim(lens)
    x, y, sound = _ideal(lens, rim_u, rim_v)
    if not bool(sound.all()):
        folds = (
            "the distortion folds over inside the picture (two directions meet in one pixel); "
            "give weaker coefficients, a longer focal length or a smaller picture"
        )
        return [Finding(where=where, field="k1, k2, p1, p2, k3", problem=folds)]
    view_rad = field_of_view_rad(lens)
    if not view_rad < lens.most_view_rad:
        wide = f"{degrees(view_rad):.1f} degrees across the diagonal; give a longer focal length (below 170 degrees)"
        return [Finding(where=where, field="focal_x_px, focal_y_px", problem=wide)]
    return []


def field_of_view_rad(lens: Lens) -> float:
    """The angle between the directions of opposite corners, the wider of the two diagonals."""
    width, height = float(lens.width_px), float(lens.height_px)
    u, v = np.array([0.0, width, width, 0.0]), np.array([0.0, height, 0.0, height])
    x, y, _sound = _ideal(lens, u, v)
    tilt = [atan(hypot(*pair)) for pair in zip(x.tolist(), y.tolist(), strict=True)]
    return max(tilt[0] + tilt[1], tilt[2] + tilt[3])


@lru_cache(maxsize=32)
def rays(lens: Lens) -> NDArray[np.float32]:
    """(h, w, 2): pixel centres look along (1, left, up) with these (left, up); read-only."""
    checked_lens(lens)
    u, v = np.meshgrid(np.arange(lens.width_px) + 0.5, np.arange(lens.height_px) + 0.5)
    right, down, _sound = _ideal(lens, u, v)
    found = np.stack((-right, -down), axis=-1).astype(np.float32)
    found.setflags(write=False)
    return found


def project(lens: Lens, points: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """Where points (n, 3) in sensor axes appear: pixels (n, 2), and which of them can be imaged at all.

    A point can be imaged if it lies in front of the lens and within the angle up to which the
    distortion is one-to-one; it may still lie outside the picture. Rows that cannot hold NaN.
    """
    points = np.asarray(points, dtype=np.float64).reshape(-1, 3)
    ahead = points[:, 0] > _NEAREST_M
    depth = np.where(ahead, points[:, 0], 1.0)
    x, y = -points[:, 1] / depth, -points[:, 2] / depth
    valid = ahead & (x * x + y * y < reach_ratio(lens) ** 2)
    xd, yd = _distorted(lens, x, y)
    pixels = np.stack((lens.centre_x_px + lens.focal_x_px * xd, lens.centre_y_px + lens.focal_y_px * yd), axis=-1)
    pixels[~valid] = np.nan
    return pixels, valid


@lru_cache(maxsize=32)
def reach_ratio(lens: Lens) -> float:
    """The tangent of the angle from the axis at which the radial distortion turns back; inf if it never does."""
    r2 = np.linspace(0.0, 20.0, 200_001) ** 2  # to 87 degrees
    slope = 1.0 + r2 * (3.0 * lens.k1 + r2 * (5.0 * lens.k2 + r2 * 7.0 * lens.k3))
    turned = np.flatnonzero(slope <= 0.0)
    return float(np.sqrt(r2[turned[0]])) if len(turned) else float("inf")


def _rim(lens: Lens) -> tuple[Floats, Floats]:
    """Places all around the edge of the picture, px."""
    width, height = float(lens.width_px), float(lens.height_px)
    across, down = np.linspace(0.0, width, 65), np.linspace(0.0, height, 65)
    u = np.concatenate((across, across, np.zeros(65), np.full(65, width)))
    v = np.concatenate((np.zeros(65), np.full(65, height), down, down))
    return u, v


def _distorted(lens: Lens, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """From ideal coordinates (right, down, per unit of depth) to distorted ones."""
    r2 = x * x + y * y
    radial = 1.0 + r2 * (lens.k1 + r2 * (lens.k2 + r2 * lens.k3))
    xd = x * radial + 2.0 * lens.p1 * x * y + lens.p2 * (r2 + 2.0 * x * x)
    yd = y * radial + lens.p1 * (r2 + 2.0 * y * y) + 2.0 * lens.p2 * x * y
    return xd, yd


def _slopes(lens: Lens, x: Floats, y: Floats) -> tuple[Floats, Floats, Floats]:
    """The distortion's derivatives dxd/dx, dxd/dy (= dyd/dx) and dyd/dy."""
    r2 = x * x + y * y
    radial = 1.0 + r2 * (lens.k1 + r2 * (lens.k2 + r2 * lens.k3))
    bend = 2.0 * (lens.k1 + r2 * (2.0 * lens.k2 + r2 * 3.0 * lens.k3))
    xx = radial + x * x * bend + 2.0 * lens.p1 * y + 6.0 * lens.p2 * x
    xy = x * y * bend + 2.0 * lens.p1 * x + 2.0 * lens.p2 * y
    yy = radial + y * y * bend + 6.0 * lens.p1 * y + 2.0 * lens.p2 * x
    return xx, xy, yy


def _ideal(lens: Lens, u: Floats, v: Floats) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Ideal coordinates of pixels by Newton's method, and which of them are sound.

    Sound: the method settled, and between the axis and the place the distortion never turns back,
    so it is the direction that a real lens would image there.
    """
    xd, yd = (u - lens.centre_x_px) / lens.focal_x_px, (v - lens.centre_y_px) / lens.focal_y_px
    if not lens.distorts:
        return xd, yd, np.ones(xd.shape, dtype=np.bool_)
    x, y = xd.copy(), yd.copy()
    with np.errstate(all="ignore"):  # a fold sends the method astray; what it then finds is called unsound below
        for _ in range(_NEWTON_STEPS):
            at_x, at_y = _distorted(lens, x, y)
            xx, xy, yy = _slopes(lens, x, y)
            determinant = xx * yy - xy * xy
            off_x, off_y = at_x - xd, at_y - yd
            x = x - (yy * off_x - xy * off_y) / determinant
            y = y - (xx * off_y - xy * off_x) / determinant
            if bool((np.abs(off_x) + np.abs(off_y) < _SETTLED).all()):
                break
        at_x, at_y = _distorted(lens, x, y)
        sound = np.abs(at_x - xd) + np.abs(at_y - yd) < 1e3 * _SETTLED
        if u.ndim == 1:  # the rim: what lies inside it is sound if the rim is
            for share in np.linspace(0.0, 1.0, _RIM_SAMPLES).tolist():
                xx, xy, yy = _slopes(lens, share * x, share * y)
                sound &= (xx * yy - xy * xy > 0.0) & (xx > 0.0)
    return x, y, sound

"""The filter's arithmetic, on plain floats: a belief about position and over-ground velocity.

A belief is the tuple (x, y, vx, vy, pxx, pxy, pxu, pxw, pyy, pyu, pyw, puu, puw, pww): mean, then the
upper triangle of the covariance with u, w for the velocities along x and y; m, m/s, ego frame.
Formulas: Bar-Shalom, Li and Kirubarajan, Estimation with Applications to Tracking and Navigation,
chapters 5 and 6 (continuous white-noise acceleration; sequential scalar updates, which equal the
joint update for uncorrelated measurement errors).
"""

from math import cos, sin
from typing import NamedTuple

Belief = tuple[float, ...]

_TURN_IGNORED_RAD = 5e-4  # per step; turning the covariance by less changes nothing that matters


class EgoShift(NamedTuple):
    """How the ego frame moved between two instants: origin's displacement in the old frame, and turn."""

    dx_m: float
    dy_m: float
    turn_rad: float
    cos: float
    sin: float


STILL = EgoShift(0.0, 0.0, 0.0, 1.0, 0.0)


def ego_shift(speed_mps: float, yaw_rate_radps: float, lever_m: float, dt_s: float) -> EgoShift:
    """Motion of the front edge's centre at constant speed and yaw rate; the rear axle does not slip sideways."""
    turn = yaw_rate_radps * dt_s
    return EgoShift(
        speed_mps * dt_s - 0.5 * lever_m * turn * turn,
        turn * (lever_m + 0.5 * speed_mps * dt_s),
        turn,
        cos(turn),
        sin(turn),
    )


def shifted(shift: EgoShift, x_m: float, y_m: float) -> tuple[float, float]:
    """A fixed point's coordinates in the new ego frame."""
    dx, dy = x_m - shift.dx_m, y_m - shift.dy_m
    return shift.cos * dx + shift.sin * dy, shift.cos * dy - shift.sin * dx


def _turned(b: Belief, c: float, s: float) -> Belief:
    """The covariance of `b` expressed in axes turned by the angle of (c, s); the mean is left alone."""
    x, y, vx, vy, pxx, pxy, pxu, pxw, pyy, pyu, pyw, puu, puw, pww = b
    cc, ss, cs = c * c, s * s, c * s
    mixed = cs * (pxw + pyu)
    skew = cs * (pyw - pxu)
    return (
        x,
        y,
        vx,
        vy,
        cc * pxx + 2.0 * cs * pxy + ss * pyy,
        cs * (pyy - pxx) + (cc - ss) * pxy,
        cc * pxu + mixed + ss * pyw,
        cc * pxw + skew - ss * pyu,
        ss * pxx - 2.0 * cs * pxy + cc * pyy,
        cc * pyu + skew - ss * pxw,
        ss * pxu - mixed + cc * pyw,
        cc * puu + 2.0 * cs * puw + ss * pww,
        cs * (pww - puu) + (cc - ss) * puw,
        ss * puu - 2.0 * cs * puw + cc * pww,
    )


def predicted(b: Belief, dt_s: float, shift: EgoShift, along_m2ps3: float, across_m2ps3: float) -> Belief:
    """The belief `dt_s` later in the ego frame of then, with white acceleration of the given densities."""
    x, y, vx, vy, pxx, pxy, pxu, pxw, pyy, pyu, pyw, puu, puw, pww = b
    dx, dy = x + vx * dt_s - shift.dx_m, y + vy * dt_s - shift.dy_m
    c, s = shift.cos, shift.sin
    qx, qy = along_m2ps3 * dt_s, across_m2ps3 * dt_s
    half, third = 0.5 * dt_s, dt_s * dt_s / 3.0
    later = (
        c * dx + s * dy,
        c * dy - s * dx,
        c * vx + s * vy,
        c * vy - s * vx,
        pxx + dt_s * (2.0 * pxu + dt_s * puu) + qx * third,
        pxy + dt_s * (pxw + pyu + dt_s * puw),
        pxu + dt_s * puu + qx * half,
        pxw + dt_s * puw,
        pyy + dt_s * (2.0 * pyw + dt_s * pww) + qy * third,
        pyu + dt_s * puw,
        pyw + dt_s * pww + qy * half,
        puu + qx,
        puw,
        pww + qy,
    )
    if -_TURN_IGNORED_RAD < s < _TURN_IGNORED_RAD:
        return later
    return _turned(later, c, s)


def updated_by_position(b: Belief, hx: float, hy: float, lag_s: float, residual: float, variance: float) -> Belief:
    """After measuring hx * x + hy * y as it was `lag_s` before the belief's instant.

    The position then was the present one minus velocity times lag, so the measurement looks at the
    velocity too; the process noise inside the lag is left out, as lags stay below the process's
    own time constants (out-of-sequence update without retrodiction noise, Bar-Shalom 2002).
    """
    x, y, vx, vy, pxx, pxy, pxu, pxw, pyy, pyu, pyw, puu, puw, pww = b
    ax, ay, au, aw = hx * pxx + hy * pxy, hx * pxy + hy * pyy, hx * pxu + hy * pyu, hx * pxw + hy * pyw
    if lag_s > 0.0:
        hu, hw = -lag_s * hx, -lag_s * hy
        ax, ay, au, aw = (
            ax + hu * pxu + hw * pxw,
            ay + hu * pyu + hw * pyw,
            au + hu * puu + hw * puw,
            aw + hu * puw + hw * pww,
        )
        g = 1.0 / (hx * ax + hy * ay + hu * au + hw * aw + variance)
    else:
        g = 1.0 / (hx * ax + hy * ay + variance)
    kx, ky, ku, kw = g * ax, g * ay, g * au, g * aw
    return (
        x + kx * residual,
        y + ky * residual,
        vx + ku * residual,
        vy + kw * residual,
        pxx - kx * ax,
        pxy - kx * ay,
        pxu - kx * au,
        pxw - kx * aw,
        pyy - ky * ay,
        pyu - ky * au,
        pyw - ky * aw,
        puu - ku * au,
        puw - ku * aw,
        pww - kw * aw,
    )


def updated_by_velocity(b: Belief, hu: float, hw: float, residual: float, variance: float) -> Belief:
    """After measuring hu * vx + hw * vy."""
    x, y, vx, vy, pxx, pxy, pxu, pxw, pyy, pyu, pyw, puu, puw, pww = b
    ax, ay, au, aw = hu * pxu + hw * pxw, hu * pyu + hw * pyw, hu * puu + hw * puw, hu * puw + hw * pww
    g = 1.0 / (hu * au + hw * aw + variance)
    kx, ky, ku, kw = g * ax, g * ay, g * au, g * aw
    return (
        x + kx * residual,
        y + ky * residual,
        vx + ku * residual,
        vy + kw * residual,
        pxx - kx * ax,
        pxy - kx * ay,
        pxu - kx * au,
        pxw - kx * aw,
        pyy - ky * ay,
        pyu - ky * au,
        pyw - ky * aw,
        puu - ku * au,
        puw - ku * aw,
        pww - kw * aw,
    )

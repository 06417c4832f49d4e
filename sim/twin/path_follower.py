"""Design of the steering of driven vehicles: optimal preview control, tabulated over speed.

Linear single-track model on a path whose curvature is known ahead; the cost weighs offset against
lateral jerk, so that one design suits truck and car. The optimal steering rate is linear in the
vehicle's state and in the curvature previewed (MacAdam 1981, IEEE SMC-11, for drivers; Sharp,
Valtetsiotis 2001, Vehicle System Dynamics supplement 35, for the discrete Riccati form).
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from sim.layout import VehicleModel

Matrix = NDArray[np.float64]

SPEEDS_MPS = (0.5, 1.0, 2.0, 3.0, 5.0, 7.5, 10.0, 12.5, 15.0, 17.5, 20.0, 22.5, 25.0, 30.0, 35.0, 40.0, 50.0, 60.0)
STATES = 6  # offset, heading, lateral speed at the centre of gravity, yaw rate, road-wheel angle, its target
KNOTS = 11  # curvature is previewed at these many instants,
KNOT_S = 0.16  # this far apart
GAINS = STATES + KNOTS

_DESIGN_S = 0.02
_OFFSET_M = 0.3  # an offset that hurts as much as
_JERK_MPS3 = 1.0  # this lateral jerk (lane-keeping comfort; UN R79 bounds it at 5 m/s3 over 0.5 s)
_STEER_RATE_RADPS = 0.3  # or, at walking pace, as this steering rate
_KINEMATIC_BELOW_MPS = 4.0
_DOUBLINGS = 40
_EVEN = 1e-12


@lru_cache(maxsize=64)
def steering_gains(vehicle: VehicleModel) -> Matrix:
    """Gains by speed, (len(SPEEDS_MPS), GAINS): steering rate = - states . gains + curvatures . gains."""
    table = _rounded(np.stack([_gains_at(vehicle, v_mps) for v_mps in SPEEDS_MPS]))
    table.setflags(write=False)
    return table


def _rounded(values: Matrix) -> Matrix:
    """To nine digits: the design runs on the machine's BLAS, whose last bits differ between processors."""
    size = 10.0 ** (8 - np.floor(np.log10(np.maximum(np.abs(values), 1e-30))))
    rounded: Matrix = np.rint(values * size) / size
    return rounded


def _gains_at(vehicle: VehicleModel, v_mps: float) -> Matrix:
    rates, source = _model(vehicle, v_mps)
    a = _exponential(rates * _DESIGN_S)
    b = _held(rates, np.eye(STATES)[5])
    e = _held(rates, source)
    turn_per_rad = v_mps * v_mps / (vehicle.wheelbase_m + _understeer(vehicle) * v_mps * v_mps)
    weight = np.zeros((STATES, STATES))
    weight[0, 0] = _OFFSET_M**-2
    cost = (turn_per_rad / _JERK_MPS3) ** 2 + _STEER_RATE_RADPS**-2
    p = _riccati(a, b, weight, cost)
    scale = 1.0 / (cost + float(b @ p @ b))
    k = scale * (b @ p @ a)
    closed = a - np.outer(b, k)
    preview = _preview(closed, p @ e, scale * b)
    return np.concatenate([k, preview])


def _model(vehicle: VehicleModel, v_mps: float) -> tuple[Matrix, Matrix]:
    """d/dt of the states by the states, and by the curvature of the path."""
    front, wheelbase = vehicle.front_axle_to_cg_m, vehicle.wheelbase_m
    rear = wheelbase - front
    ahead = vehicle.rear_overhang_m + rear - 0.5 * vehicle.length_m
    cf, cr = vehicle.cornering_front_npr, vehicle.cornering_rear_npr
    mass, inertia = vehicle.mass_kg, vehicle.yaw_inertia_kgm2
    rates = np.zeros((STATES, STATES))
    rates[0, 1], rates[0, 2], rates[0, 3] = v_mps, 1.0, -ahead
    rates[1, 3] = 1.0
    if v_mps < _KINEMATIC_BELOW_MPS:
        rates[2, 2] = rates[3, 3] = -10.0
        rates[2, 4], rates[3, 4] = 10.0 * v_mps * rear / wheelbase, 10.0 * v_mps / wheelbase
    else:
        rates[2, 2] = -(cf + cr) / (mass * v_mps)
        rates[2, 3] = (rear * cr - front * cf) / (mass * v_mps) - v_mps
        rates[2, 4] = cf / mass
        rates[3, 2] = (rear * cr - front * cf) / (inertia * v_mps)
        rates[3, 3] = -(front * front * cf + rear * rear * cr) / (inertia * v_mps)
        rates[3, 4] = front * cf / inertia
    rates[4, 4], rates[4, 5] = -1.0 / vehicle.steer_lag_s, 1.0 / vehicle.steer_lag_s
    source = np.zeros(STATES)
    source[1] = -v_mps
    return rates, source


def _understeer(vehicle: VehicleModel) -> float:
    """Understeer gradient over gravity, s2/m: steer = curvature (wheelbase + understeer v2)."""
    rear = vehicle.wheelbase_m - vehicle.front_axle_to_cg_m
    slack = rear / vehicle.cornering_front_npr - vehicle.front_axle_to_cg_m / vehicle.cornering_rear_npr
    return vehicle.mass_kg / vehicle.wheelbase_m * slack


def _exponential(m: Matrix) -> Matrix:
    """Matrix exponential of a small step, by scaled Taylor series."""
    scaled = m / 16.0
    term = total = np.eye(len(m))
    for order in range(1, 13):
        term = term @ scaled / order
        total = total + term
    for _ in range(4):
        total = total @ total
    return total


def _held(rates: Matrix, source: Matrix) -> Matrix:
    """What a source held over one design step adds to the states."""
    joined = np.zeros((STATES + 1, STATES + 1))
    joined[:STATES, :STATES], joined[:STATES, STATES] = rates, source
    held: Matrix = _exponential(joined * _DESIGN_S)[:STATES, STATES]
    return held


def _riccati(a: Matrix, b: Matrix, weight: Matrix, cost: float) -> Matrix:
    """The discrete algebraic Riccati equation's solution, by structure-preserving doubling.

    Chu, Fan, Lin, Wang 2004, International Journal of Control 77.
    """
    identity = np.eye(STATES)
    g, p = np.outer(b, b) / cost, weight
    for _ in range(_DOUBLINGS):
        inverse = np.linalg.solve(identity + g @ p, identity)
        step = a.T @ p @ inverse @ a
        g = g + a @ inverse @ g @ a.T
        a = a @ inverse @ a
        p = p + step
        if float(np.max(np.abs(step))) <= _EVEN * float(np.max(np.abs(p))):
            break
    return p


def _preview(closed: Matrix, reach: Matrix, through: Matrix) -> Matrix:
    """Weights of the curvature at each knot; the last knot stands for all that lies beyond."""
    per_knot = round(KNOT_S / _DESIGN_S)
    weights = np.zeros(KNOTS)
    for step in range((KNOTS - 1) * per_knot):
        value = -float(through @ reach)
        knot, share = divmod(step, per_knot)
        weights[knot] += value * (1.0 - share / per_knot)
        weights[knot + 1] += value * share / per_knot
        reach = closed.T @ reach
    beyond = np.linalg.solve(np.eye(STATES) - closed.T, reach)
    weights[KNOTS - 1] -= float(through @ beyond)
    return weights

"""Engine, clutch and gears of a vehicle: the force they give at the wheels.

The clutch is in balance with the engine at every instant (strength x slip = torque - damping x speed),
so an engine needs no speed of its own; its inertia is left out. SI units; gears count from 1, 0 is
neutral, -1 is reverse, which has the ratio of the first gear.
"""

# ruff: noqa: ANN001, ANN201 - numba infers the types of kernels

from numba import njit

from sim.episode.bodies import (
    AUTOBOX,
    BRAKE,
    CLUTCH,
    DAMP_CLOSED,
    DAMP_FULL,
    ENGINE_DRAG,
    ENGINE_RADPS,
    FINAL_RATIO,
    FRONT_SHARE,
    GEAR,
    GEAR_TABLE,
    GEARS,
    MANUAL,
    RADIUS_FRONT,
    RADIUS_REAR,
    REDLINE,
    REVERSE,
    SETTLED_S,
    SHIFTING_S,
    SWITCH_S,
    TABLE_POINTS,
    TARGET_GEAR,
    THROTTLE,
    TORQUE_TABLE,
)

REST_S = 0.6  # own: between two automatic changes of gear
DOWN_MARGIN = 0.85  # own: share of the upshift speed that a lower gear may turn at most after a change
IDLE_RADPS = 80.0  # own: about 760 rpm; an engine does not turn slower
IDLE_RATIO = 0.3  # own: of the redline at most, for cranks of bicycles


@njit(cache=True, error_model="numpy")
def wheel_radius(body, flags, i):  # type: ignore[no-untyped-def]
    """Radius of the driven wheels, m."""
    return body[i, RADIUS_FRONT] if body[i, FRONT_SHARE] > 0.5 else body[i, RADIUS_REAR]


@njit(cache=True, error_model="numpy")
def leverage(body, flags, i, gear):  # type: ignore[no-untyped-def]
    """Engine turns per metre (rad/m) in a gear, negative in reverse; equally force per engine torque (1/m)."""
    if gear == 0 or flags[i, GEARS] == 0:
        return 0.0
    ratio = body[i, GEAR_TABLE + 3 * (gear - 1)] if gear > 0 else -body[i, GEAR_TABLE]
    return ratio * body[i, FINAL_RATIO] / wheel_radius(body, flags, i)


@njit(cache=True, error_model="numpy")
def shift(body, flags, i, speed, h):  # type: ignore[no-untyped-def]
    """Choose and change gears over a step; `speed` is along the body."""
    body[i, SETTLED_S] += h
    if body[i, SHIFTING_S] > 0.0:
        body[i, SHIFTING_S] -= h
        if body[i, SHIFTING_S] <= 1e-9:
            body[i, SHIFTING_S] = 0.0
            flags[i, GEAR] = flags[i, TARGET_GEAR]
            body[i, SETTLED_S] = 0.0
        return
    gear, count = flags[i, GEAR], flags[i, GEARS]
    if flags[i, MANUAL] != 0 or count == 0:
        flags[i, GEAR] = min(max(flags[i, TARGET_GEAR], -1), count)
        return
    if flags[i, REVERSE] != 0:
        flags[i, GEAR] = -1
        return
    if gear < 0 or (gear == 0 and body[i, THROTTLE] > 0.0):
        flags[i, GEAR] = 1
        body[i, SETTLED_S] = 0.0
        return
    if gear == 0 or flags[i, AUTOBOX] == 0 or body[i, SETTLED_S] < REST_S:
        return
    share = abs(speed * leverage(body, flags, i, gear)) / body[i, REDLINE]
    wanted = gear
    if gear < count and share > body[i, GEAR_TABLE + 3 * gear - 1] and body[i, THROTTLE] > 0.0:
        wanted = gear + 1
    elif gear > 1 and share < body[i, GEAR_TABLE + 3 * gear - 2]:
        lower = abs(speed * leverage(body, flags, i, gear - 1)) / body[i, REDLINE]
        if lower < DOWN_MARGIN * body[i, GEAR_TABLE + 3 * gear - 4] or body[i, BRAKE] > 0.0 and lower < DOWN_MARGIN:
            wanted = gear - 1
    if wanted != gear:
        flags[i, TARGET_GEAR] = wanted
        body[i, SHIFTING_S] = max(body[i, SWITCH_S], 1e-6)


@njit(cache=True, error_model="numpy")
def torque_at(body, flags, i, turns):  # type: ignore[no-untyped-def]
    """Full-throttle torque at an engine speed in rad/s; none beyond the redline."""
    place = turns / body[i, REDLINE] * (TABLE_POINTS - 1)
    if place >= TABLE_POINTS - 1:
        return 0.0
    k = int(place)
    return body[i, TORQUE_TABLE + k] + (place - k) * (body[i, TORQUE_TABLE + k + 1] - body[i, TORQUE_TABLE + k])


@njit(cache=True, error_model="numpy")
def engine(body, flags, i, speed, throttle):  # type: ignore[no-untyped-def]
    """Driving force (signed, N along the body) and engine drag (N, against motion) of a throttle at a speed."""
    idle = min(IDLE_RADPS, IDLE_RATIO * body[i, REDLINE])
    lever = leverage(body, flags, i, flags[i, GEAR])
    if lever == 0.0 or body[i, SHIFTING_S] > 0.0:
        body[i, ENGINE_RADPS] = idle + throttle * (body[i, REDLINE] - idle)
        return 0.0, 0.0
    turns = speed * lever  # negative while it rolls against its gear
    forwards = max(turns, 0.0)
    clutch = body[i, CLUTCH]
    damping = body[i, DAMP_CLOSED] + throttle * (body[i, DAMP_FULL] - body[i, DAMP_CLOSED])
    push = throttle * torque_at(body, flags, i, max(forwards, idle))
    hold = min(damping * abs(turns), (1.0 - throttle) * body[i, ENGINE_DRAG])
    engaged = clutch / (clutch + damping)
    body[i, ENGINE_RADPS] = min(max((push + clutch * forwards) / (clutch + damping), idle), body[i, REDLINE])
    return push * engaged * lever, hold * engaged * abs(lever)

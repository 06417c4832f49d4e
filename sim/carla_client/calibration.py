"""Measures a blueprint's brake map on its server: every pedal position at several speeds, on an empty flat road.

Each probe holds one pedal position for a while at one speed (CARLA's pedals move no faster than a foot
does, and gears need their time): the vehicle is put back to its place and speed again and again. Then
it takes the mean acceleration over a few ticks. The road is drawn for it and always the same, so that
a server that repeats itself gives the same map whatever is run afterwards.
"""

import numpy as np

from sim.carla_client.pedals import BrakeMap, brake_map, gear_for
from sim.carla_client.roles import Role
from sim.carla_client.wire import (
    P_VX,
    P_X,
    P_Y,
    PLACEMENT_COLUMNS,
    S_VX,
    Pedals,
    SpawnOrder,
    Wire,
)
from stack.vocabulary import MachineryError

SPEEDS_MPS = (1.0, 3.0, 6.0, 10.0, 15.0, 20.0, 25.0, 32.0)
BRAKES = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.05)
THROTTLES = (0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.6, 0.8, 1.0)
AXIS = (*(-brake for brake in BRAKES), 0.0, *THROTTLES)
ROLLING_TICKS = 60  # own: until a gear that is taken by hand is in
PRESSING_TICKS = 30  # own: until a pedal that is pressed at once has arrived; 0.17 s where this was measured
PIECE_TICKS = 6  # put back this often meanwhile
SETTLING_TICKS = 3  # own: wheels take up a speed that was set
MEASURED_TICKS = 8
LEAST_TICKS = 2  # of a probe that brakes to standstill meanwhile
TICK_S = 0.01
STILL_MPS = 0.15
START_M = (20.0, 0.0)
MAP_NAME = "faultline_brake_test"
# A straight, flat, empty road of 300 m with one lane, centred on y = 0; made here, after ASAM OpenDRIVE 1.6.
ROAD = """<?xml version="1.0" standalone="yes"?>
<OpenDRIVE>
  <header revMajor="1" revMinor="6" name="faultline_brake_test" north="50" south="-50" east="350" west="-50"/>
  <road name="test" length="300.0" id="1" junction="-1">
    <type s="0.0" type="rural"/>
    <planView><geometry s="0.0" x="0.0" y="5.0" hdg="0.0" length="300.0"><line/></geometry></planView>
    <elevationProfile><elevation s="0.0" a="0.0" b="0.0" c="0.0" d="0.0"/></elevationProfile>
    <lanes>
      <laneSection s="0.0">
        <center><lane id="0" type="none" level="false"/></center>
        <right>
          <lane id="-1" type="driving" level="false"><width sOffset="0.0" a="10.0" b="0.0" c="0.0" d="0.0"/></lane>
        </right>
      </laneSection>
    </lanes>
  </road>
</OpenDRIVE>
"""


def calibrated(wire: Wire, role: Role, *, up_to_mps: float) -> BrakeMap:
    """The brake map of a role's vehicle; leaves the test road open and nothing on it."""
    wire.open_map(MAP_NAME, ROAD)
    order = SpawnOrder(
        name="hero", blueprint=role.blueprint, x_m=START_M[0], y_m=START_M[1], z_m=0.0, yaw_rad=0.0, physics=True,
        attributes=role.attributes,
    )  # fmt: skip
    (vehicle,) = wire.spawn((order,))
    wire.watch(vehicle.actor_id, (vehicle.actor_id,))
    _let_settle(wire, vehicle.actor_id)
    facts = wire.drives(vehicle.actor_id)
    speeds = [speed for speed in SPEEDS_MPS if speed <= up_to_mps] or [SPEEDS_MPS[0]]
    measured = np.zeros((len(speeds), len(AXIS)))
    for row, speed_mps in enumerate(speeds):
        gear = gear_for(speed_mps, facts)
        _held(wire, vehicle.actor_id, speed_mps, _pedals(0.1, gear), ROLLING_TICKS)
        for column, axis in enumerate(AXIS):
            measured[row, column] = _probe(wire, vehicle.actor_id, speed_mps, axis, gear)
    wire.clear()
    if float(measured[:, 0].max()) > -1.0:
        text = f"the brakes of {role.blueprint} do not act on this server: fully applied they give less than 1 m/s²"
        raise MachineryError(f"{text}; take another blueprint or look at its physics control")
    return brake_map(role.blueprint, np.array(speeds), np.array(AXIS), measured)


def _let_settle(wire: Wire, actor_id: int) -> None:
    """Let the vehicle come to rest on its springs."""
    for _ in range(100):
        _tick(wire, actor_id, Pedals(brake_ratio=1.0))


def _held(wire: Wire, actor_id: int, speed_mps: float, pedals: Pedals, ticks: int) -> None:
    """Hold the pedals while the vehicle keeps its speed, because it is put back to it."""
    start = np.zeros(PLACEMENT_COLUMNS)
    start[P_X], start[P_Y], start[P_VX] = START_M[0], START_M[1], speed_mps
    for index in range(ticks):
        if index % PIECE_TICKS == 0:
            wire.launch(actor_id, start)
        _tick(wire, actor_id, pedals)
    wire.launch(actor_id, start)


def _probe(wire: Wire, actor_id: int, speed_mps: float, axis: float, gear: int) -> float:
    """Mean acceleration with the pedal axis held, m/s²."""
    _held(wire, actor_id, speed_mps, _pedals(axis, gear), PRESSING_TICKS)
    speeds = [_tick(wire, actor_id, _pedals(axis)) for _ in range(SETTLING_TICKS + MEASURED_TICKS)]
    moving = next((index for index, speed in enumerate(speeds) if speed < STILL_MPS), len(speeds))
    last = max(moving - 1, 0)
    first = max(min(SETTLING_TICKS - 1, last - LEAST_TICKS), 0)
    if last <= first:
        return (speeds[0] - speed_mps) / TICK_S
    return (speeds[last] - speeds[first]) / ((last - first) * TICK_S)


def _pedals(axis: float, gear: int = 0) -> Pedals:
    return Pedals(throttle_ratio=max(axis, 0.0), brake_ratio=max(-axis, 0.0), gear=gear)


def _tick(wire: Wire, actor_id: int, pedals: Pedals) -> float:
    """One tick; the vehicle's speed along x, m/s."""
    tick = wire.tick(actor_id, pedals, (), np.zeros((0, PLACEMENT_COLUMNS)))
    speed_mps = float(tick.seen[0, S_VX])
    if not np.isfinite(speed_mps):
        raise MachineryError("the vehicle whose brakes are measured vanished from the server")
    return speed_mps

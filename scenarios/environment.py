"""The twin as a Gymnasium environment: a policy of anybody's drives the ego's speed and brakes.

No sensors, no stack, no latency: this is the world alone, for learning, for search and for comparing
speeds with other simulators. The policy acts every 50 ms; the world runs at its own 100 Hz in between.
Same seed and same actions give the same bytes, as everywhere here.
"""

from math import cos, sin
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from scenarios.prepared import prepare_scenario
from sim.layout import BrakeDemand, DriverControl
from sim.truth import EGO, ROAD_USER_KINDS, SPEED, YAW, Contact, TruthFrame
from sim.twin.world import TwinWorld
from stack.vocabulary import NS_PER_MS, SimNs, local_from_world

POLICY_PERIOD_NS = 50 * NS_PER_MS
OTHERS = 8  # nearest road users that are observed
FAR_M = 1_000.0
DEMAND_MAX_MPS2 = 10.0
SPEED_MAX_MPS = 60.0
ACTION_LOW = np.array([0.0, 0.0], np.float32)
ACTION_HIGH = np.array([DEMAND_MAX_MPS2, SPEED_MAX_MPS], np.float32)

Observation = NDArray[np.float32]
Action = NDArray[np.float32]


class DrivingEnvironment(gymnasium.Env[Observation, Action]):
    """One scenario of the library, played without its stack.

    Action, (2,): brake demand in m/s² (0 to 10) and speed to hold in m/s. Observation, (1 + OTHERS, 4):
    row 0 is the ego (speed in m/s, then zeros); the others, nearest first, are x, y in m and velocity
    along and across in m/s, relative to the ego's front edge, axes after ISO 8855; absent ones are far
    away. Reward: minus the impact speed in m/s at contact, else 0. Ends with contact; cut at the
    scenario's limit.
    """

    def __init__(self, scenario: str = "reactive_traffic_on_motorway") -> None:
        self._scenario = scenario
        self._prepared = prepare_scenario(scenario)
        self._world = TwinWorld(self._prepared.layout)
        self._now = SimNs(0)
        self._steps = 0
        self.action_space = spaces.Box(ACTION_LOW, ACTION_HIGH, dtype=np.float32)
        self.observation_space = spaces.Box(-FAR_M, FAR_M, (1 + OTHERS, 4), dtype=np.float32)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        """Begin again; `options` are overrides of the scenario as `--set` takes them."""
        super().reset(seed=seed)
        self._prepared = prepare_scenario(self._scenario, options, seed=seed or 0)
        self._world = TwinWorld(self._prepared.layout)
        self._now, self._steps = SimNs(0), 0
        return self._observed(), {"at_s": 0.0}

    def step(self, action: Action) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        """Let one action act for 50 ms."""
        demand_mps2, hold_mps = (float(value) for value in np.clip(action, ACTION_LOW, ACTION_HIGH))
        self._steps += 1
        self._world.apply(BrakeDemand(demand_mps2=demand_mps2, request_sequence=self._steps), self._now)
        self._world.apply(DriverControl(hold_speed_mps=hold_mps, pedal_mps2=0.0), self._now)
        self._now = SimNs(self._now + POLICY_PERIOD_NS)
        self._world.advance_to(self._now)
        contacts = [event for event in self._world.take_events() if isinstance(event, Contact)]
        reward = -contacts[0].relative_speed_mps if contacts else 0.0
        cut = self._now >= self._prepared.limit
        return self._observed(), reward, bool(contacts), cut, {"at_s": self._now / 1e9}

    def close(self) -> None:
        """Let go of the world."""
        self._world.close()

    def _observed(self) -> Observation:
        frame = self._world.observe(self._now)
        seen = np.zeros((1 + OTHERS, 4), np.float32)
        seen[1:, 0] = FAR_M
        seen[0, 0] = frame.state[EGO, SPEED]
        rows = sorted(_relative(frame, row) for row in range(1, len(frame.roster.kinds)) if _is_user(frame, row))
        for index, (_distance, *values) in enumerate(rows[:OTHERS]):
            seen[1 + index] = values
        return np.clip(seen, -FAR_M, FAR_M)


def _is_user(frame: TruthFrame, row: int) -> bool:
    return frame.roster.kinds[row] in ROAD_USER_KINDS


def _relative(frame: TruthFrame, row: int) -> tuple[float, float, float, float, float]:
    """Distance, then x, y, velocity along and across, of one actor as seen from the ego's front edge."""
    ego, pose = frame.ego_frame(), frame.pose(row)
    x_m, y_m = local_from_world(ego, pose.x_m, pose.y_m)
    turn_rad = float(frame.state[row, YAW]) - ego.yaw_rad
    speed_mps = float(frame.state[row, SPEED])
    along_mps = speed_mps * cos(turn_rad) - float(frame.state[EGO, SPEED])
    return (x_m * x_m + y_m * y_m) ** 0.5, x_m, y_m, along_mps, speed_mps * sin(turn_rad)

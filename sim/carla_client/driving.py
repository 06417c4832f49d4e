"""The ego's pedals: what its vehicle file would do in the step ahead, as this CARLA vehicle must be driven to do it.

The wanted acceleration comes from the ghost twin, behind its brake and drive lags (or in front of
them, where the blueprint's own dynamics contain the lag), and goes through the blueprint's brake map.
While driving, what the map leaves over is integrated away; brakes are driven open loop, so that a
brake that does less than the map says is seen and not hidden. Where the blueprint is not the vehicle
file's own, steering is corrected slowly until the vehicle turns as the file's does in a steady bend.
"""

from sim.carla_client.account import Account
from sim.carla_client.pedals import HOLDING_RATIO, STOPPED_MPS, BrakeMap, gear_for, pedals_of, steer_ratio
from sim.carla_client.roles import Role
from sim.carla_client.wire import DriveFacts, Pedals
from sim.layout import VehicleModel
from sim.twin.ghost import Foresight

TRIM_GAIN_1PS = 1.0  # own: takes away what gear changes and slopes do within about a second
TRIM_MAX_MPS2 = 1.5  # own
STEER_GAIN_1PS = 3.0  # own: slower than a vehicle's yaw (about 0.1 s), faster than a bend is entered
STEER_TRIM_MAX_RAD = 0.15  # own
OFFSET_GAIN_MPS3 = 0.25  # own: lateral jerk per metre beside the path; more of it swings at 20 m/s
OFFSET_USED_M = 0.5  # own: more than this is on its way back by itself
STEERING_FROM_MPS = 2.0  # slower than this a yaw rate says little about the angle


class EgoDriver:
    """Turns foresight into pedals, one call per tick."""

    def __init__(
        self,
        role: Role,
        vehicle: VehicleModel,
        brakes: BrakeMap,
        facts: DriveFacts,
        account: Account,
        tick_s: float,
    ) -> None:
        self._lagged = role.lagged
        self._exact = role.exact
        rear_m = vehicle.wheelbase_m - vehicle.front_axle_to_cg_m
        slack = rear_m / vehicle.cornering_front_npr - vehicle.front_axle_to_cg_m / vehicle.cornering_rear_npr
        self._wheelbase_m = vehicle.wheelbase_m
        self._understeer = vehicle.mass_kg / vehicle.wheelbase_m * slack  # rad per m/s²: steady-state single track
        self._brakes = brakes
        self._facts = facts
        self._account = account
        self._tick_s = tick_s
        self._trim_mps2 = 0.0
        self._wanted_mps2: float | None = None  # of the step before
        self._braked = False
        self._steer_rad = 0.0
        self._steer_trim_rad = 0.0
        self._path_trim_rad = 0.0

    def start(self, steer_rad: float) -> None:
        """Begin a run: of what was before only the trim of the drive is kept."""
        self._wanted_mps2, self._braked, self._steer_rad = None, False, steer_rad
        self._steer_trim_rad, self._path_trim_rad = 0.0, 0.0

    def holding(
        self, speed_mps: float, steer_rad: float, seen_mps2: float | None = None, *, by_hand: bool = False
    ) -> Pedals:
        """The pedals that keep a speed, before the run begins; what was seen with the last ones corrects them."""
        axis = -HOLDING_RATIO
        if speed_mps > STOPPED_MPS:
            if seen_mps2 is not None:
                self._wanted_mps2 = 0.0
                self._learn(seen_mps2)
            axis = self._brakes.axis_for(speed_mps, self._trim_mps2)
        pedals = pedals_of(axis, steer_ratio(steer_rad, speed_mps, self._facts))
        return pedals._replace(gear=gear_for(speed_mps, self._facts)) if by_hand else pedals

    def pedals(self, ahead: Foresight, seen_mps2: float, seen_radps: float, offset_m: float) -> Pedals:
        """The pedals for the step ahead; the vehicle was seen to accelerate and turn like this, beside its path."""
        braking = ahead.brake_mps2 > 0.0 or ahead.brake_target_mps2 > 0.0
        self._learn(seen_mps2)
        self._learn_steering(ahead.speed_mps, seen_radps, offset_m)
        angle_rad = 0.5 * (self._steer_rad + ahead.steer_rad) + self._steer_trim_rad
        self._steer_rad = ahead.steer_rad
        steer = steer_ratio(angle_rad, ahead.speed_mps, self._facts)
        if ahead.speed_mps <= STOPPED_MPS and ahead.next_mps <= STOPPED_MPS:
            self._wanted_mps2 = None
            return pedals_of(-HOLDING_RATIO if braking else 0.0, steer)
        wanted_mps2 = self._wanted(ahead, braking)
        self._wanted_mps2, self._braked = wanted_mps2, braking
        aimed_mps2 = wanted_mps2 if braking else wanted_mps2 + self._trim_mps2
        axis = self._brakes.axis_for(ahead.speed_mps, aimed_mps2)
        if braking:
            able_mps2 = self._brakes.acceleration(ahead.speed_mps, axis)
            self._account.fell_short(abs(able_mps2 - aimed_mps2))
        pedals = pedals_of(axis, steer)
        self._account.rounded(
            max(abs(pedals.throttle_ratio - pedals.brake_ratio - axis), abs(pedals.steer_ratio - steer))
        )
        return pedals

    def _wanted(self, ahead: Foresight, braking: bool) -> float:
        """The net acceleration of the step ahead."""
        if self._lagged:
            return (0.0 if braking else ahead.drive_target_mps2) - ahead.brake_target_mps2 - ahead.drag_mps2
        if ahead.next_mps > 0.0:
            return ahead.acceleration_mps2
        return ahead.drive_mps2 - ahead.brake_mps2 - ahead.drag_mps2  # it stops within the step: the brakes stay on

    def _learn(self, seen_mps2: float) -> None:
        """Compare the step before with what was wanted of it."""
        if self._wanted_mps2 is None:
            return
        missed_mps2 = self._wanted_mps2 - seen_mps2
        if self._braked:
            self._account.following.append(missed_mps2)
        else:
            trim_mps2 = self._trim_mps2 + TRIM_GAIN_1PS * missed_mps2 * self._tick_s
            self._trim_mps2 = min(max(trim_mps2, -TRIM_MAX_MPS2), TRIM_MAX_MPS2)

    def _learn_steering(self, speed_mps: float, seen_radps: float, offset_m: float) -> None:
        """Compare how fast the vehicle turns with what its own vehicle file would do steadily at this angle.

        The path follower knows that vehicle file's slip; what another vehicle's slip leaves beside the path goes too.
        """
        if self._exact or speed_mps < STEERING_FROM_MPS:
            return
        stretch_m = self._wheelbase_m + self._understeer * speed_mps * speed_mps
        missed_rad = self._steer_rad - seen_radps * stretch_m / speed_mps
        beside_m = min(max(offset_m, -OFFSET_USED_M), OFFSET_USED_M)
        self._path_trim_rad -= OFFSET_GAIN_MPS3 * beside_m * stretch_m / max(speed_mps, 5.0) ** 2 * self._tick_s
        self._path_trim_rad = min(max(self._path_trim_rad, -STEER_TRIM_MAX_RAD), STEER_TRIM_MAX_RAD)
        missed_rad += self._path_trim_rad
        trim_rad = self._steer_trim_rad + STEER_GAIN_1PS * missed_rad * self._tick_s
        self._steer_trim_rad = min(max(trim_rad, -STEER_TRIM_MAX_RAD), STEER_TRIM_MAX_RAD)

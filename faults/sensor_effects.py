"""The `effect` of a fault file that acts inside a sensor: one schema per kind and sensor, SI units."""

from typing import Annotated, Literal

from pydantic import Field

from faults.bias import CameraBias, MotionBias, RadarBias
from faults.blockage import RadarImpairment
from faults.ghost import Apparition, CameraGhost, RadarGhost
from faults.lens import Covered
from faults.plan import LocatedFault
from faults.schema import Effect, NotNegative, Positive, Ratio
from stack.vocabulary import ObjectClass


class RadarBiasEffect(Effect):
    """The radar measures off by a constant."""

    kind: Literal["bias"]
    topic: Literal["radar"]
    range_bias_m: float = 0.0
    azimuth_bias_rad: float = 0.0
    range_rate_bias_mps: float = 0.0

    def fault(self, name: str) -> LocatedFault:
        """The frozen fault of that name."""
        return RadarBias(
            name=name,
            range_bias_m=self.range_bias_m,
            azimuth_bias_rad=self.azimuth_bias_rad,
            range_rate_bias_mps=self.range_rate_bias_mps,
        )


class CameraBiasEffect(Effect):
    """The camera is turned on its mount or misjudges distance."""

    kind: Literal["bias"]
    topic: Literal["camera"]
    azimuth_bias_rad: float = 0.0
    distance_scale_ratio: Positive = 1.0

    def fault(self, name: str) -> LocatedFault:
        """The frozen fault of that name."""
        return CameraBias(
            name=name, azimuth_bias_rad=self.azimuth_bias_rad, distance_scale_ratio=self.distance_scale_ratio
        )


class MotionBiasEffect(Effect):
    """Speed or yaw rate reads wrongly."""

    kind: Literal["bias"]
    topic: Literal["ego_motion"]
    speed_scale_ratio: NotNegative = 1.0
    speed_bias_mps: float = 0.0
    yaw_rate_bias_radps: float = 0.0

    def fault(self, name: str) -> LocatedFault:
        """The frozen fault of that name."""
        return MotionBias(
            name=name,
            speed_scale_ratio=self.speed_scale_ratio,
            speed_bias_mps=self.speed_bias_mps,
            yaw_rate_bias_radps=self.yaw_rate_bias_radps,
        )


class RadarGhostEffect(Effect):
    """The radar reports something that is not there."""

    kind: Literal["ghost"]
    topic: Literal["radar"]
    x_m: Positive
    y_m: float = 0.0
    closing_speed_mps: float
    width_m: NotNegative = 1.6
    echoes: Annotated[int, Field(ge=1, le=64)] = 3
    rcs_dbsm: float = 10.0
    snr_db: float = 25.0

    def fault(self, name: str) -> LocatedFault:
        """The frozen fault of that name."""
        return RadarGhost(
            name=name,
            at=Apparition(x_m=self.x_m, y_m=self.y_m, closing_speed_mps=self.closing_speed_mps),
            width_m=self.width_m,
            echoes=self.echoes,
            rcs_dbsm=self.rcs_dbsm,
            snr_db=self.snr_db,
        )


class CameraGhostEffect(Effect):
    """The camera reports something that is not there."""

    kind: Literal["ghost"]
    topic: Literal["camera"]
    x_m: Positive
    y_m: float = 0.0
    closing_speed_mps: float
    object_class: Literal["unknown", "vehicle", "cyclist", "pedestrian"] = "vehicle"
    width_m: Positive = 1.8
    confidence_ratio: Ratio = 0.9
    sigma_m: Positive = 0.5

    def fault(self, name: str) -> LocatedFault:
        """The frozen fault of that name."""
        return CameraGhost(
            name=name,
            at=Apparition(x_m=self.x_m, y_m=self.y_m, closing_speed_mps=self.closing_speed_mps),
            object_class=ObjectClass(self.object_class),
            width_m=self.width_m,
            confidence_ratio=self.confidence_ratio,
            sigma_m=self.sigma_m,
        )


class CameraBlockageEffect(Effect):
    """Part or all of the image shows nothing."""

    kind: Literal["blockage"]
    topic: Literal["camera"]
    blocked_ratio: Ratio

    def fault(self, name: str) -> LocatedFault:
        """The frozen fault of that name."""
        return Covered(name=name, blocked_ratio=self.blocked_ratio)


class RadarBlockageEffect(Effect):
    """The radar's cover takes echo power, two-way, and reflects some of it back into the receiver."""

    kind: Literal["blockage"]
    topic: Literal["radar"]
    loss_db: NotNegative
    noise_rise_db: NotNegative = 0.0

    def fault(self, name: str) -> LocatedFault:
        """The frozen fault of that name."""
        return RadarImpairment(name=name, loss_db=self.loss_db, noise_rise_db=self.noise_rise_db)


class InterferenceEffect(Effect):
    """Other radars raise the noise floor."""

    kind: Literal["interference"]
    topic: Literal["radar"]
    noise_rise_db: NotNegative

    def fault(self, name: str) -> LocatedFault:
        """The frozen fault of that name."""
        return RadarImpairment(name=name, loss_db=0.0, noise_rise_db=self.noise_rise_db)

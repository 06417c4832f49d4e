"""Every `effect` a fault file can have, told apart by `kind` (and `topic`, where sensors differ)."""

from typing import Annotated

from pydantic import Field

from faults.channel_effects import (
    BlackoutEffect,
    BurstLossEffect,
    CorruptEffect,
    DelayEffect,
    DropEffect,
    DuplicateEffect,
    FreezeEffect,
    JitterEffect,
    ReorderEffect,
)
from faults.sensor_effects import (
    CameraBiasEffect,
    CameraBlockageEffect,
    CameraGhostEffect,
    ImageEffect,
    InterferenceEffect,
    MotionBiasEffect,
    RadarBiasEffect,
    RadarBlockageEffect,
    RadarGhostEffect,
)
from faults.vehicle_effects import (
    CrashEffect,
    HangEffect,
    LateBrakesEffect,
    LatencySpikesEffect,
    OverloadEffect,
    StuckBrakesEffect,
    WeakBrakesEffect,
)

BiasEffect = Annotated[RadarBiasEffect | CameraBiasEffect | MotionBiasEffect, Field(discriminator="topic")]
GhostEffect = Annotated[RadarGhostEffect | CameraGhostEffect, Field(discriminator="topic")]
BlockageEffect = Annotated[RadarBlockageEffect | CameraBlockageEffect, Field(discriminator="topic")]
AnyEffect = Annotated[
    DropEffect
    | BurstLossEffect
    | DelayEffect
    | JitterEffect
    | FreezeEffect
    | ReorderEffect
    | DuplicateEffect
    | BlackoutEffect
    | CorruptEffect
    | BiasEffect
    | GhostEffect
    | BlockageEffect
    | InterferenceEffect
    | ImageEffect
    | LatencySpikesEffect
    | OverloadEffect
    | HangEffect
    | CrashEffect
    | LateBrakesEffect
    | WeakBrakesEffect
    | StuckBrakesEffect,
    Field(discriminator="kind"),
]

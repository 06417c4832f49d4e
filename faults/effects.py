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
    StampOffsetEffect,
)
from faults.image_effects import (
    BandingEffect,
    BiasJumpEffect,
    BitDepthEffect,
    BitErrorsEffect,
    BlankFramesEffect,
    CloudGhostEffect,
    ColourSwapEffect,
    CrosstalkEffect,
    DefocusEffect,
    DirtEffect,
    ExposureStepEffect,
    FlareEffect,
    FoggedLensEffect,
    GainHuntingEffect,
    GlareEffect,
    GnssJumpEffect,
    GnssOutageEffect,
    GnssSpoofEffect,
    JpegEffect,
    MirroredEffect,
    MisMountEffect,
    PixelDefectsEffect,
    PointLossEffect,
    RadarMissesEffect,
    ScratchesEffect,
    SectorBlockEffect,
    VibrationEffect,
    WaterDropsEffect,
    WhiteBalanceEffect,
)
from faults.sensor_effects import (
    CameraBiasEffect,
    CameraBlockageEffect,
    CameraGhostEffect,
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
    | StampOffsetEffect
    | DuplicateEffect
    | BlackoutEffect
    | CorruptEffect
    | BiasEffect
    | GhostEffect
    | BlockageEffect
    | InterferenceEffect
    | DirtEffect
    | WaterDropsEffect
    | FoggedLensEffect
    | ScratchesEffect
    | GlareEffect
    | FlareEffect
    | DefocusEffect
    | VibrationEffect
    | PixelDefectsEffect
    | BlankFramesEffect
    | ExposureStepEffect
    | GainHuntingEffect
    | BandingEffect
    | WhiteBalanceEffect
    | ColourSwapEffect
    | BitDepthEffect
    | JpegEffect
    | MirroredEffect
    | BitErrorsEffect
    | MisMountEffect
    | SectorBlockEffect
    | PointLossEffect
    | CloudGhostEffect
    | CrosstalkEffect
    | RadarMissesEffect
    | GnssJumpEffect
    | GnssOutageEffect
    | GnssSpoofEffect
    | BiasJumpEffect
    | LatencySpikesEffect
    | OverloadEffect
    | HangEffect
    | CrashEffect
    | LateBrakesEffect
    | WeakBrakesEffect
    | StuckBrakesEffect,
    Field(discriminator="kind"),
]

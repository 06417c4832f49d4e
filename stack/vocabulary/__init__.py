"""The words everyone shares: what crosses the stack's border, and the stages of a pipeline.

Imports the standard library and NumPy only; holds no behaviour beyond validation and geometry. A change here
needs a decision record, because every room speaks these words.
"""

from stack.vocabulary import topics
from stack.vocabulary.commands import (
    COUNTER_STATES,
    DEMAND_STEP_MPS2,
    BrakeRequest,
    DriverWarning,
    WarningKind,
    demand_steps,
    request_checksum,
)
from stack.vocabulary.construction import (
    maker,
)
from stack.vocabulary.errors import (
    FaultlineError,
    Finding,
    InputError,
    MachineryError,
    MissingPart,
)
from stack.vocabulary.evidence import (
    Evidence,
    Reading,
)
from stack.vocabulary.frames import (
    Pose,
    bearing_rad,
    local_from_world,
    world_from_local,
    wrapped_rad,
)
from stack.vocabulary.hazards import (
    Hazard,
    HazardKind,
    HazardList,
)
from stack.vocabulary.health import (
    Diagnosis,
    DiagnosisReport,
    HostEvent,
    HostEventKind,
    Mode,
    ModeChange,
    SensorCheck,
)
from stack.vocabulary.instants import (
    NS_PER_MS,
    NS_PER_S,
    START,
    SimNs,
    WallNs,
    ns_from_s,
    s_from_ns,
)
from stack.vocabulary.manoeuvres import (
    BrakingStage,
    Decision,
    Manoeuvre,
)
from stack.vocabulary.messages import (
    Message,
    Output,
    StageStamp,
)
from stack.vocabulary.observations import (
    ActuatorStatus,
    CameraImage,
    CameraObject,
    CameraView,
    EgoMotion,
    FixKind,
    GnssFix,
    ImageCoding,
    InertialSample,
    LaneView,
    LidarScan,
    ObjectClass,
    RadarDetection,
    RadarScan,
)
from stack.vocabulary.settings import (
    adjusted,
)
from stack.vocabulary.stages import (
    BlackBox,
    Briefing,
    Pipeline,
    Protection,
    Queue,
    QueuePolicy,
    Resource,
    StackFactory,
    Stage,
    StageInput,
    StagePlan,
)
from stack.vocabulary.targets import (
    CameraTarget,
    CameraTargets,
    RadarTarget,
    RadarTargets,
)
from stack.vocabulary.tracks import (
    Track,
    TrackList,
)

__all__ = [
    "ActuatorStatus",
    "BlackBox",
    "BrakeRequest",
    "BrakingStage",
    "Briefing",
    "COUNTER_STATES",
    "CameraImage",
    "CameraObject",
    "CameraTarget",
    "CameraTargets",
    "CameraView",
    "DEMAND_STEP_MPS2",
    "Decision",
    "Diagnosis",
    "DiagnosisReport",
    "DriverWarning",
    "EgoMotion",
    "Evidence",
    "FaultlineError",
    "Finding",
    "FixKind",
    "GnssFix",
    "Hazard",
    "HazardKind",
    "HazardList",
    "HostEvent",
    "HostEventKind",
    "ImageCoding",
    "InertialSample",
    "InputError",
    "LaneView",
    "LidarScan",
    "MachineryError",
    "Manoeuvre",
    "Message",
    "MissingPart",
    "Mode",
    "ModeChange",
    "NS_PER_MS",
    "NS_PER_S",
    "ObjectClass",
    "Output",
    "Pipeline",
    "Pose",
    "Protection",
    "Queue",
    "QueuePolicy",
    "RadarDetection",
    "RadarScan",
    "RadarTarget",
    "RadarTargets",
    "Reading",
    "Resource",
    "START",
    "SensorCheck",
    "SimNs",
    "StackFactory",
    "Stage",
    "StageInput",
    "StagePlan",
    "StageStamp",
    "Track",
    "TrackList",
    "WallNs",
    "WarningKind",
    "adjusted",
    "bearing_rad",
    "demand_steps",
    "local_from_world",
    "maker",
    "ns_from_s",
    "request_checksum",
    "s_from_ns",
    "topics",
    "world_from_local",
    "wrapped_rad",
]

"""Scenes of the gallery: runs played once, drawn under any sky, and the raw sensors that look at them."""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from scenarios.assembly import PreparedRun, RunRequest, prepare
from scenarios.rig_files import RawSensor, read_rig
from scenarios.viewing.shots import Theatre, at_size
from scenarios.weathers import conditions_from
from sim.attachments import Sensor
from sim.camera.coding import decoded
from sim.recording import RunRecord
from sim.scenery.scene import Scenery
from sim.sensors import SENSORS
from stack.vocabulary import CameraImage, ns_from_s, topics
from stack.vocabulary.topics import kind_of

SIZE_PX = (640, 360)
SEED = 1
DAY = "day"
CLOUD_REACH_M = 45.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A scenario and an instant worth a picture."""

    scenario: str
    at_s: float
    says: str


@lru_cache(maxsize=4)
def played(scenario: str) -> tuple[PreparedRun, RunRecord, Theatre]:
    """A scene's run by day, and a theatre whose scenery and renderer others share."""
    prepared = prepare(RunRequest(scenario=scenario, seed=SEED))
    record = prepared.play(digest=False).record
    return prepared, record, Theatre(prepared, record, size_px=SIZE_PX)


def theatre_in(scenario: str, weather: str) -> Theatre:
    """A scene under another sky; its camera has seen nothing yet."""
    prepared, record, first = played(scenario)
    return Theatre(
        prepared, replace(record, conditions=conditions_from(weather, {})), size_px=SIZE_PX, beside=first
    )  # fmt: skip


def command(scenario: str, at_s: float, weather: str, *more: str) -> str:
    """The line that draws such a picture again."""
    words = ["faultline", "render", scenario, "--at", f"{at_s:g}", "--weather", weather, "--seed", str(SEED), *more]
    return " ".join(words)


def raw_sensor(
    prepared: PreparedRun, record: RunRecord, scenery: Scenery, topic: str, rig: str = "pixels"
) -> Sensor:  # fmt: skip
    """A raw sensor as a rig has it; cameras at the gallery's size, in plain colours."""
    raw: RawSensor = next(one for one in read_rig(rig) if one.topic == topic)
    parameters = raw.parameters
    if kind_of(topic) == topics.CAMERA_IMAGE:
        parameters = at_size(parameters, SIZE_PX)
    where = {} if raw.mount is None else {"mount": raw.mount}
    make = SENSORS[kind_of(topic)].make
    return make(prepared.request.seed, record.roster, parameters, name=topic, scenery=scenery, **where)


def sensed(theatre: Theatre, camera: Sensor, instants_s: tuple[float, ...]) -> NDArray[np.uint8]:
    """The last of a camera's pictures at these instants; black where it cannot be read."""
    image: CameraImage | None = None
    for at_s in instants_s:
        frame = theatre.frame(ns_from_s(at_s))
        image = camera.sense(frame, frame.at)
    seen = decoded(image) if image is not None else None
    return np.zeros((SIZE_PX[1], SIZE_PX[0], 3), dtype=np.uint8) if seen is None else seen

"""The observer that writes a run down: one MCAP file, complete in itself, while the run goes.

    with Logbook(path) as logbook:
        played = prepared.play(observe=logbook.observe)
        logbook.finish(played)

A run that does not come to its end leaves `NAME.mcap.part`, which can be read and replayed as far as it goes.
"""

from dataclasses import replace
from pathlib import Path

from scenarios.assembly import Played, Playing
from scenarios.commands import request_document
from scenarios.keys import code_version, fingerprint, plain
from scenarios.logbook import clouds, contents, drawing, pictures, scenes, signals
from scenarios.logbook.tape import Tape
from scenarios.maps import load_map
from scenarios.rig_files import RawSensor
from sim.loop import GRID_NS
from sim.mount import Mount
from sim.observing import Observer
from sim.recording import JobLedger
from sim.sensors.mounts import CAMERA_MOUNT, GNSS_MOUNT, LIDAR_MOUNT, MOTION_MOUNT, RADAR_MOUNT
from sim.truth import TruthFrame, WorldEvent
from stack.vocabulary import (
    BrakeRequest,
    CameraImage,
    GnssFix,
    HazardList,
    HostEvent,
    LidarScan,
    Message,
    Mode,
    ModeChange,
    RadarScan,
    SimNs,
    TrackList,
    topics,
)
from stack.vocabulary.topics import kind_of

DRAWN_EVERY_NS = 5 * GRID_NS  # the actors are drawn at 20 Hz; their exact states are kept at every grid instant
_MOUNTS: dict[str, Mount] = {
    topics.RADAR: RADAR_MOUNT,
    topics.CAMERA_IMAGE: CAMERA_MOUNT,
    topics.LIDAR: LIDAR_MOUNT,
    topics.GNSS: GNSS_MOUNT,
    topics.INERTIAL: MOTION_MOUNT,
}


class Logbook:
    """A run being written down; `path` is the file's final name. An `Observer` once `observe` was called."""

    def __init__(self, path: Path) -> None:
        self._tape = Tape(path)
        self._now = SimNs(0)
        self._playing: Playing | None = None
        self._cameras: dict[str, pictures.Camera] = {}
        self._sensors: dict[str, object] = {}
        self._visible: dict[tuple[str, SimNs], dict[int, pictures.Box]] = {}
        self._tracks: TrackList | None = None
        self._hazards: HazardList | None = None

    def __enter__(self) -> "Logbook":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        self._tape.give_up()

    # -- begin and end --------------------------------------------------------------------------

    def observe(self, playing: Playing) -> Observer:
        """Begin with what is known before the first instant."""
        self._playing = playing
        prepared = playing.prepared
        self._tape.metadata(
            contents.BEGUN,
            {
                "schema": contents.SCHEMA,
                "run_id": prepared.request.run_id,
                "request": request_document(prepared.request),
                "key": prepared.key.document(),
                "key_hash": prepared.key.key_hash,
                "pair_key": prepared.key.pair_key,
                "fingerprint": fingerprint(),
                "code_version": code_version(),
            },
        )
        conditions = prepared.placed.layout.conditions
        self._tape.value(contents.SCENE, SimNs(0), {"roster": playing.roster, "conditions": conditions})
        self._tape.drawn("/scene/road", SimNs(0), scenes.road_scene(load_map(prepared.placed.layout.map_name)))
        self._place_sensors(playing)
        self._tape.signals(signals.MODE_SIGNALS, SimNs(0), signals.mode_signals(Mode.NOMINAL))
        return self

    def finish(self, played: Played) -> Path:
        """Close the file of a run that came to its end; returns its path."""
        record = played.record
        for account in record.faults:
            for at, log in signals.fault_logs(account, record.ended_at):
                self._tape.drawn("/log", at, log)
        self._tape.metadata(
            contents.ENDED,
            {
                "record_hash": record.record_hash,
                "ended_at": int(record.ended_at),
                "ending": record.ending.value,
                "costs_ns": list(played.costs_ns),
                "faults": [plain(account) for account in record.faults],
                "stack_crashes": list(played.failures),
            },
        )
        return self._tape.finish()

    def _place_sensors(self, playing: Playing) -> None:
        rig = {raw.topic: raw for raw in playing.prepared.rig}
        transforms = drawing.sensor_transforms(topics.RADAR, RADAR_MOUNT, optical=False)
        for topic, raw in rig.items():
            mount = _mount_of(raw)
            transforms += drawing.sensor_transforms(topic, mount, optical=kind_of(topic) == topics.CAMERA_IMAGE)
            if kind_of(topic) == topics.CAMERA_IMAGE:
                camera = pictures.Camera(topic=topic, mount=mount, lens=raw.parameters.lens)
                self._cameras[topic] = camera
                self._tape.drawn(f"/{topic}/calibration", SimNs(0), pictures.calibration(camera, SimNs(0)))
        self._tape.drawn("/tf", SimNs(0), scenes.transforms(transforms))
        self._sensors = {plan.topic: plan.sensor for plan in playing.sensors}

    # -- the observer ---------------------------------------------------------------------------

    def note_truth(self, frame: TruthFrame) -> None:
        """The state with every bit; drawn at a lower rate."""
        at = self._now = frame.at
        self._tape.value(contents.TRUTH, at, {"at": at, "state": frame.state})
        self._tape.signals(signals.EGO_SIGNALS, at, signals.ego_signals(frame))
        self._tape.drawn("/tf", at, scenes.transforms([scenes.ego_transform(frame)]))
        if at % DRAWN_EVERY_NS == 0:
            self._tape.drawn("/scene/actors", at, scenes.actors_scene(frame))

    def note_world_event(self, event: WorldEvent) -> None:
        """A contact, brake onset or manoeuvre."""
        self._tape.value(contents.WORLD_EVENT, self._now, event)
        self._tape.drawn("/log", self._now, signals.world_log(event), event.at)

    def note_sensed(self, message: Message) -> None:
        """That something was published; its payload is kept where it is delivered."""
        at = self._now = message.published_at
        self._tape.value(contents.SENSED, at, replace(message, payload=None), message.sequence)
        if message.topic in self._cameras:
            boxes = pictures.visible_boxes(self._sensors.get(message.topic), message.true_at)
            self._visible[message.topic, message.true_at] = boxes

    def note_delivered(self, message: Message) -> None:
        """A message as it arrived, with every bit; pictures, clouds and positions are drawn as well.

        The drawing goes first: its bytes are the payload's own, so next to it they compress to nothing,
        as far as the compressor looks back (2 MiB; a lidar's arrays that follow its points are the rest).
        """
        at = self._now = message.delivered_at
        payload, topic, slot = message.payload, message.topic, message.true_at
        if isinstance(payload, CameraImage):
            self._draw_picture(message, payload)
        elif isinstance(payload, LidarScan):
            self._tape.drawn(f"/{topic}", at, clouds.lidar_cloud(payload, topic, slot), slot)
        elif isinstance(payload, RadarScan):
            self._tape.drawn(f"/{topic}", at, clouds.radar_cloud(payload, topic, slot), slot)
        elif isinstance(payload, GnssFix):
            fix = clouds.fix_location(payload, topic, slot)
            if fix is not None:
                self._tape.drawn(f"/{topic}", at, fix, slot)
        raw = kind_of(topic) in topics.RAW_INPUTS
        self._tape.value(contents.DELIVERED_RAW if raw else contents.DELIVERED, at, message, message.sequence)

    def note_published(self, message: Message) -> None:
        """What a stage said, with every bit; events in words, numbers to plot."""
        at = self._now = message.published_at
        self._tape.value(contents.PUBLISHED, at, message, message.sequence)
        payload = message.payload
        log = signals.payload_log(payload, at)
        if log is not None:
            self._tape.drawn("/log", at, log)
        if isinstance(payload, TrackList):
            self._tracks = payload
            self._tape.drawn("/scene/tracks", at, scenes.tracks_scene(payload, self._hazards, at))
        elif isinstance(payload, HazardList):
            self._hazards = payload
            self._tape.signals(signals.BELIEF_SIGNALS, at, signals.belief_signals(payload))
        elif isinstance(payload, BrakeRequest):
            self._tape.signals(signals.DEMAND_SIGNALS, at, signals.demand_signals(payload))
        elif isinstance(payload, ModeChange):
            self._tape.signals(signals.MODE_SIGNALS, at, signals.mode_signals(payload.after))

    def note_job(self, ledger: JobLedger) -> None:
        """A job and its latencies."""
        at = self._now = max(self._now, ledger.finished_at)
        self._tape.value(contents.JOB, at, ledger)
        self._tape.signals(signals.latency_topic(ledger.stage), at, signals.job_signals(ledger))

    def note_host_event(self, event: HostEvent) -> None:
        """The host about itself."""
        at = self._now = max(self._now, event.at)
        self._tape.value(contents.HOST_EVENT, at, event)
        self._tape.drawn("/log", at, signals.host_log(event))

    # -- pictures -------------------------------------------------------------------------------

    def _draw_picture(self, message: Message, image: CameraImage) -> None:
        topic, at, slot = message.topic, message.delivered_at, message.true_at
        self._tape.drawn(f"/{topic}", at, pictures.image_message(image, topic, slot), slot)
        camera = self._cameras.get(topic)
        if camera is None or self._playing is None:
            return
        roster = self._playing.roster
        boxes = self._visible.get((topic, slot), {})  # kept: a channel may deliver twice
        believed = {} if self._tracks is None else pictures.track_boxes(camera, self._tracks)
        notes = pictures.annotations(slot, roster, boxes, self._tracks, believed)
        self._tape.drawn(f"/{topic}/annotations", at, notes, slot)


def _mount_of(raw: RawSensor) -> Mount:
    return raw.mount if raw.mount is not None else _MOUNTS[kind_of(raw.topic)]

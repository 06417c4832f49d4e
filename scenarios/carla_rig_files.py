"""CARLA's own sensors on the ego: which, where, how set; and what they send, written down beside a run.

A file names sensors by CARLA's kinds and sets their attributes by CARLA's names; mounts are ours (ego
frame, front edge). The frames are recorded as they come: one file of bytes per sensor, and one line of
JSON per frame that says which frame, which instant and where in the file.
"""

import json
from hashlib import blake2b
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from scenarios.documents import Positive, Section, Text, nearest, read_document
from scenarios.rig_files import MountRow
from scenarios.specification import Why
from sim.carla_client.wire import StreamFrame, StreamOrder
from sim.carla_client.world import TICK_NS
from stack.vocabulary import NS_PER_S, Finding, InputError, SimNs

RIGS = Path(__file__).parent / "carla_rigs"
MOST_SENSORS = 16
KINDS = {
    "rgb": "sensor.camera.rgb",
    "depth": "sensor.camera.depth",
    "semantic": "sensor.camera.semantic_segmentation",
    "instance": "sensor.camera.instance_segmentation",
    "lidar": "sensor.lidar.ray_cast",
    "semantic_lidar": "sensor.lidar.ray_cast_semantic",
    "radar": "sensor.other.radar",
    "imu": "sensor.other.imu",
    "gnss": "sensor.other.gnss",
}
Kind = Literal["rgb", "depth", "semantic", "instance", "lidar", "semantic_lidar", "radar", "imu", "gnss"]


class CarlaSensorEntry(Section):
    """One sensor of CARLA's. The first of a kind needs no name; further ones do."""

    kind: Kind
    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")] | None = None
    rate_hz: Positive = 20.0
    mount: MountRow
    attributes: dict[str, bool | int | float | str] = {}


class CarlaRigFile(Section):
    """A file of CARLA sensors from top to bottom."""

    title: Text
    why: Why
    sensors: tuple[CarlaSensorEntry, ...]


def carla_rig_names(folder: Path = RIGS) -> tuple[str, ...]:
    """Names of the shipped ones, sorted."""
    return tuple(sorted(path.stem for path in folder.glob("*.yaml")))


def read_carla_rig(name_or_path: str) -> tuple[StreamOrder, ...]:
    """The sensors of a rig by name or file, none for ""; raises `InputError` with every finding."""
    if not name_or_path:
        return ()
    path = Path(name_or_path) if name_or_path.endswith((".yaml", ".yml")) else RIGS / f"{name_or_path}.yaml"
    if path.parent == RIGS and path.stem not in carla_rig_names():
        problem = f"no rig of this name{nearest(path.stem, carla_rig_names())}"
        raise InputError((Finding(where="--carla-rig", field=name_or_path, problem=problem),))
    rig = read_document(path, CarlaRigFile)
    findings: list[Finding] = []
    orders: list[StreamOrder] = []
    if len(rig.sensors) > MOST_SENSORS:
        findings.append(Finding(where=str(path), field="sensors", problem=f"has more than {MOST_SENSORS}"))
    for index, entry in enumerate(rig.sensors):
        name = entry.name or entry.kind
        if any(order.name == name for order in orders):
            problem = f"a second {name}: give it a name of its own"
            findings.append(Finding(where=str(path), field=f"sensors.{index}.name", problem=problem))
        ticks = NS_PER_S / entry.rate_hz / TICK_NS
        if abs(ticks - round(ticks)) > 1e-6 or round(ticks) < 1:
            problem = f"{entry.rate_hz:g} Hz is not every so many ticks of {TICK_NS / 1e6:g} ms; say 100, 50, 20 or 10"
            findings.append(Finding(where=str(path), field=f"sensors.{index}.rate_hz", problem=problem))
        orders.append(_order(name, entry, max(round(ticks), 1)))
    if findings:
        raise InputError(tuple(findings))
    return tuple(orders)


def _order(name: str, entry: CarlaSensorEntry, period_ticks: int) -> StreamOrder:
    mount = entry.mount.mount()
    return StreamOrder(
        name=name, blueprint=KINDS[entry.kind], x_m=mount.x_m, y_m=mount.y_m, z_m=mount.z_m, yaw_rad=mount.yaw_rad,
        pitch_rad=mount.pitch_rad, roll_rad=mount.roll_rad, period_ticks=period_ticks,
        attributes=tuple((key, str(value)) for key, value in sorted(entry.attributes.items())),
    )  # fmt: skip


class StreamFolder:
    """Takes frames as they come: a digest of every sensor's, and their bytes on disk if a folder is named."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._digests: dict[str, Any] = {}
        self._files: dict[str, tuple[Any, Any]] = {}

    def take(self, frame: StreamFrame, at: SimNs) -> None:
        """One frame that belongs to an instant of the run."""
        digest = self._digests.setdefault(frame.sensor, blake2b(digest_size=8))
        digest.update(frame.data)
        if self._folder is not None:
            data, index = self._opened(frame.sensor)
            line = {
                "frame": frame.frame, "at_ns": int(at), "offset": data.tell(), "bytes": len(frame.data),
                "size": list(frame.size),
            }  # fmt: skip
            data.write(frame.data)
            index.write(json.dumps(line) + "\n")

    def digests(self) -> dict[str, str]:
        """16 hex digits of everything each sensor sent."""
        return {name: digest.hexdigest() for name, digest in sorted(self._digests.items())}

    def close(self) -> None:
        """Finish the files."""
        for pair in self._files.values():
            for file in pair:
                file.close()
        self._files.clear()

    def _opened(self, sensor: str) -> tuple[Any, Any]:
        if sensor not in self._files:
            assert self._folder is not None
            self._folder.mkdir(parents=True, exist_ok=True)
            data = (self._folder / f"{sensor}.bin").open("wb")
            self._files[sensor] = (data, (self._folder / f"{sensor}.jsonl").open("w", encoding="utf-8"))
        return self._files[sensor]

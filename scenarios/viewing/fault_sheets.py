"""What each fault of a raw sensor does, to look at: made by the sensor models with the fault around them.

A picture fault is shown beside the clean picture of the same instant, a lidar fault beside the clean
cloud; navigation and what happens on the camera's wire as readings over time, with and without.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from analysis.gallery import Exhibit, Hall
from analysis.plots.birdseye import seen_from_above
from analysis.plots.readings import readings_plot
from faults import library
from faults.plan import PlannedFault
from scenarios.fault_files import read_fault
from scenarios.viewing import scenes as sets
from scenarios.viewing.rendering import data_url
from scenarios.viewing.scenes import CLOUD_REACH_M, DAY, SEED, command, played, raw_sensor, sensed, theatre_in
from sim.attachments import Window
from sim.channels import PerfectChannel
from sim.ports import Channel
from sim.sensors import SENSORS
from stack.vocabulary import (
    NS_PER_MS,
    NS_PER_S,
    CameraImage,
    GnssFix,
    ImageCoding,
    InertialSample,
    Message,
    ns_from_s,
    topics,
)
from stack.vocabulary.topics import kind_of

SCENE = "adult_crosses_at_crosswalk"
AT_S = 3.5  # every library fault of a raw sensor begins at 2 s: 1.5 s for what grows
FRAMES_S = (1.9, 1.95, 3.3, 3.35, 3.4, 3.45, AT_S)  # before the onset, and so that exposure has settled after it
READING_S = 10.0  # one window of a library fault is 6 s long
EARTH_M = 6_371_000.0

# Faults that show by another light than the day's.
_LIGHT = {
    "camera_window_is_scratched": "night",
    "light_flares_in_the_lens": "overcast",
    "oncoming_light_glares": "overcast",
    "lamps_band_the_picture": "night",
    "camera_lens_is_dirty": "low_sun",
}
_HALLS = (
    ("optics", "Camera: lens, window and mount", ("camera.optics", "camera.geometry")),
    ("imager", "Camera: imager and coding", ("camera.imager", "camera.output")),
    ("wire", "Camera: on the way to the stack", ()),
    ("lidar", "Lidar", ("lidar",)),
    ("navigation", "GNSS and inertial unit", ("gnss", "inertial")),
)
_SAYS = {
    "wire": "How old the newest picture is that the stack has, by its stamp and by what it shows.",
    "lidar": "One revolution from above, coloured by height; rings every 10 m.",
    "navigation": "Readings over time, with and without the fault; shaded while it acts.",
}
_PICTURES = "Left the clean picture, right the same instant with the fault, at the severity of its file."

BIN_NS = 250 * NS_PER_MS

Arrivals = NDArray[np.int64]
Curves = tuple[list[float], list[float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A library fault as the gallery shows it: its words, its raw sensor, and whether it acts on the wire."""

    name: str
    title: str
    taxonomy: str
    severity: str
    planned: PlannedFault
    topic: str
    on_wire: bool

    def window(self) -> Window:
        """Its window, open at the instant its file states."""
        window = Window(self.planned.name, self.planned.duration_ns)
        window.open(self.planned.trigger.instant(SEED, self.planned.name))
        return window


@lru_cache(maxsize=1)
def sheets() -> dict[str, Sheet]:
    """Library faults that act in a raw sensor or on its wire, by name."""
    found: dict[str, Sheet] = {}
    for name in library.names():
        planned = read_fault(name, {})
        ways = [point.partition(":") for point in planned.fault.points]
        raw = [(way, kind_of(topic)) for way, _, topic in ways if kind_of(topic) in topics.RAW_INPUTS]
        if not raw:
            continue
        data = yaml.safe_load(library.text(name))
        effect = {key: value for key, value in data["effect"].items() if key not in ("kind", "topic")}
        severity = ", ".join(f"{key} {value}" for key, value in effect.items())
        found[name] = Sheet(
            name=name, title=str(data["title"]), taxonomy=str(data["taxonomy"]), severity=severity,
            planned=planned, topic=raw[0][1], on_wire=all(way == "channel" for way, _ in raw),
        )  # fmt: skip
    return found


def fault_halls() -> tuple[tuple[Hall, tuple[str, ...]], ...]:
    """The halls of faults, and which faults hang in each."""
    halls = []
    for anchor, title, kinds in _HALLS:
        names = tuple(name for name, sheet in sheets().items() if _hangs_in(sheet, anchor, kinds))
        halls.append((Hall(anchor=anchor, title=title, says=_SAYS.get(anchor, _PICTURES)), names))
    return tuple(halls)


def _hangs_in(sheet: Sheet, anchor: str, kinds: tuple[str, ...]) -> bool:
    on_camera_wire = sheet.on_wire and sheet.topic == topics.CAMERA_IMAGE
    return on_camera_wire if anchor == "wire" else not on_camera_wire and sheet.taxonomy.startswith(kinds)


def fault_exhibit(name: str) -> Exhibit:
    """One fault: what it makes of its sensor."""
    sheet = sheets()[name]
    if sheet.topic == topics.CAMERA_IMAGE:
        return _wire(sheet) if sheet.on_wire else _picture(sheet)
    return _cloud(sheet) if sheet.topic == topics.LIDAR else _readings(sheet)


# -- pictures and clouds --------------------------------------------------------------------------


def _picture(sheet: Sheet) -> Exhibit:
    light = _LIGHT.get(sheet.name, DAY)
    theatre = theatre_in(SCENE, light)
    camera = raw_sensor(theatre.prepared, theatre.record, theatre.scenery, topics.CAMERA_IMAGE)
    spoilt = sheet.planned.fault.wrap_sensor(topics.CAMERA_IMAGE, camera, sheet.window(), SEED)
    more = ("--fault", sheet.name, "--size", f"{sets.SIZE_PX[0]}x{sets.SIZE_PX[1]}")
    return _exhibit(
        sheet, data_url(sensed(theatre, spoilt, FRAMES_S)), beside=clean_picture(light),
        command=command(SCENE, AT_S, light, *more),
    )  # fmt: skip


@lru_cache(maxsize=8)
def clean_picture(light: str) -> str:
    """The scene without a fault, as a data URL."""
    theatre = theatre_in(SCENE, light)
    camera = raw_sensor(theatre.prepared, theatre.record, theatre.scenery, topics.CAMERA_IMAGE)
    return data_url(sensed(theatre, camera, FRAMES_S))


def _cloud(sheet: Sheet) -> Exhibit:
    prepared, record, theatre = played(SCENE)
    clean, spoilt = (raw_sensor(prepared, record, theatre.scenery, topics.LIDAR) for _ in range(2))
    spoilt = sheet.planned.fault.wrap_sensor(topics.LIDAR, spoilt, sheet.window(), SEED)
    frame = theatre.frame(ns_from_s(AT_S))
    before, after = (sensor.sense(frame, frame.at) for sensor in (clean, spoilt))
    sources = [data_url(seen_from_above(scan.points, sets.SIZE_PX, CLOUD_REACH_M)) for scan in (before, after)]
    says = f"{sheet.title}: {len(after.points):,} returns instead of {len(before.points):,}"
    return _exhibit(sheet, sources[1], beside=sources[0], says=says)


def _exhibit(
    sheet: Sheet, source: str = "", *, figure: str = "", beside: str = "", command: str = "", says: str = ""
) -> Exhibit:  # fmt: skip
    return Exhibit(
        title=sheet.name, says=says or sheet.title, source=source, beside=beside, figure=figure, command=command,
        severity=sheet.severity,
    )  # fmt: skip


# -- over time ------------------------------------------------------------------------------------


def _wire(sheet: Sheet) -> Exhibit:
    """What arrives at the stack, and how old it gets before the next does."""
    row = SENSORS[topics.CAMERA_IMAGE]
    window = sheet.window()
    perfect = PerfectChannel(row.transport_ns)
    spoilt = sheet.planned.fault.wrap_channel(topics.CAMERA_IMAGE, perfect, window, SEED)
    clean, faulty = _arrivals(perfect), _arrivals(spoilt)
    bins = list(range(ns_from_s(0.5), ns_from_s(READING_S), BIN_NS))
    figure = readings_plot(
        [begin / NS_PER_S for begin in bins],
        {
            "arrivals a second": (_rates_hz(clean, bins), _rates_hz(faulty, bins)),
            "age by its stamp, before the next [ms]": (_ages_ms(clean, bins, 1), _ages_ms(faulty, bins, 1)),
            "age of what it shows, before the next [ms]": (_ages_ms(clean, bins, 2), _ages_ms(faulty, bins, 2)),
        },
        _span_s(window),
    )
    return _exhibit(sheet, figure=figure)


def _arrivals(channel: Channel) -> Arrivals:
    """(n, 3) in order: when a picture arrived, when it was taken by its stamp, and when it really was.

    A picture here is its number, which is all that matters.
    """
    row = SENSORS[topics.CAMERA_IMAGE]
    arrived = [
        (delivery.at, delivery.message.true_at, row.slot(int.from_bytes(delivery.message.payload.data, "big")))
        for number in range(int(READING_S * row.rate_hz))
        for delivery in channel.carry(_numbered(number))
    ]
    return np.array(sorted(arrived), dtype=np.int64)


def _rates_hz(arrived: Arrivals, bins: list[int]) -> list[float]:
    return [float(np.count_nonzero((arrived[:, 0] >= at) & (arrived[:, 0] < at + BIN_NS))) * NS_PER_S / BIN_NS
            for at in bins]  # fmt: skip


def _ages_ms(arrived: Arrivals, bins: list[int], column: int) -> list[float]:
    """In each bin: the greatest age that the newest picture at the stack reached."""
    instants = np.arange(bins[0], bins[-1] + BIN_NS, NS_PER_MS)
    latest = np.maximum(np.searchsorted(arrived[:, 0], instants, side="right") - 1, 0)
    ages = (instants - arrived[latest, column]) / NS_PER_MS
    return [float(age) for age in ages.reshape(len(bins), -1).max(axis=1)]


def _numbered(number: int) -> Message:
    """A picture's message with its number for content."""
    row = SENSORS[topics.CAMERA_IMAGE]
    slot = row.slot(number)
    image = CameraImage(
        width_px=16, height_px=16, coding=ImageCoding.JPEG, data=number.to_bytes(4, "big"), exposure_s=0.0, gain_db=0.0
    )
    published = row.published_at(slot)
    return Message(
        topic=topics.CAMERA_IMAGE, sequence=number, true_at=slot, published_at=published, delivered_at=published,
        payload=image,
    )  # fmt: skip


def _readings(sheet: Sheet) -> Exhibit:
    """Where the receiver believes to be, or what the inertial unit feels, over time."""
    prepared, record, theatre = played(SCENE)
    row, window = SENSORS[sheet.topic], sheet.window()
    clean, inner = (raw_sensor(prepared, record, theatre.scenery, sheet.topic) for _ in range(2))
    spoilt = sheet.planned.fault.wrap_sensor(sheet.topic, inner, window, SEED)
    channel = sheet.planned.fault.wrap_channel(sheet.topic, PerfectChannel(0), window, SEED)
    end_ns = min(ns_from_s(READING_S), record.ended_at)
    pairs: list[tuple[Any, Any]] = []
    at_s: list[float] = []
    held: Any = None
    every = max(1, round(row.rate_hz / 20.0))  # twenty points a second are enough to see
    for number in range(1, int(end_ns * row.rate_hz / NS_PER_S), every):
        frame = theatre.frame(row.slot(number))
        given = spoilt.sense(frame, frame.at)
        message = Message(
            topic=sheet.topic, sequence=number, true_at=frame.at, published_at=frame.at, delivered_at=frame.at,
            payload=given,
        )  # fmt: skip
        for delivery in channel.carry(message):
            held = delivery.message.payload
        pairs.append((clean.sense(frame, frame.at), held))
        at_s.append(frame.at / NS_PER_S)
    curves = _fixes(pairs) if sheet.topic == topics.GNSS else _felt(pairs)
    return _exhibit(sheet, figure=readings_plot(at_s, curves, _span_s(window)))


def _span_s(window: Window) -> tuple[float, float]:
    return window.opens_at / NS_PER_S, min(window.closes_at / NS_PER_S, READING_S)


def _curves(pairs: list[tuple[Any, Any]], value: Callable[[Any], float]) -> Curves:
    return [value(clean) for clean, _ in pairs], [value(spoilt) for _, spoilt in pairs]


def _fixes(pairs: list[tuple[Any, Any]]) -> dict[str, Curves]:
    """Fixes as metres from the first clean one; a gap where there is none."""
    first: GnssFix = pairs[0][0]
    around_m = EARTH_M * float(np.cos(first.latitude_rad))

    def east_m(fix: GnssFix) -> float:
        return (fix.longitude_rad - first.longitude_rad) * around_m

    def north_m(fix: GnssFix) -> float:
        return (fix.latitude_rad - first.latitude_rad) * EARTH_M

    return {"east of the start [m]": _curves(pairs, east_m), "north of the start [m]": _curves(pairs, north_m)}


def _felt(pairs: list[tuple[Any, Any]]) -> dict[str, Curves]:
    def force(sample: InertialSample) -> float:
        return sample.force_x_mps2

    def rate(sample: InertialSample) -> float:
        return sample.rate_z_radps

    return {"force ahead [m/s²]": _curves(pairs, force), "turn rate [rad/s]": _curves(pairs, rate)}

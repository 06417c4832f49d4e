"""The gallery's pictures: every weather on every map, other views of one scene, and every fault of a raw sensor.

Scenes are chosen at instants before anybody brakes: until then everybody is where they are by day in every
weather, to the centimetre that grip costs in a bend. So each scene is played once and drawn under many skies.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from analysis.gallery import Exhibit, Hall
from analysis.plots.birdseye import seen_from_above
from scenarios.viewing import scenes as sets
from scenarios.viewing.fault_sheets import fault_exhibit, fault_halls
from scenarios.viewing.rendering import data_url, shown_of
from scenarios.viewing.scenes import CLOUD_REACH_M, DAY, Scene, command, played, raw_sensor, sensed, theatre_in
from scenarios.viewing.shots import Theatre
from scenarios.weathers import WEATHERS
from scenarios.whole_files import write_whole
from stack.vocabulary import LidarScan, ns_from_s, topics

Tell = Callable[[int, int], None]


SCENES = (
    Scene(scenario="reactive_traffic_on_motorway", at_s=3.0, says="motorway"),
    Scene(scenario="adult_crosses_at_crosswalk", at_s=5.0, says="urban street"),
    Scene(scenario="truck_passes_parked_rows", at_s=6.5, says="rural road"),
    Scene(scenario="truck_drives_over_hills", at_s=5.0, says="hills"),
)
VIEWED = Scene(scenario="truck_passes_parked_rows", at_s=9.0, says="between parked cars")


def halls(tell: Tell = lambda done, of: None, scenes: tuple[Scene, ...] = SCENES) -> tuple[Hall, ...]:
    """Every hall of the gallery; `tell` hears how many of the pictures are made."""
    weather = "Through the dash camera in every weather, noise and exposure included."
    jobs: list[tuple[Hall, Callable[[], Exhibit]]] = []
    for number, scene in enumerate(scenes):
        hall = Hall(anchor=f"map-{number}", title=scene.says.capitalize(), says=weather)
        jobs += [(hall, partial(weather_exhibit, scene, name)) for name in WEATHERS]
    views = Hall(
        anchor="views", title="One scene, every sensor",
        says="The same instant in every way in which sensors see it, or a person may look at it.",
    )  # fmt: skip
    jobs += [(views, make) for make in _views()]
    for hall, names in fault_halls():
        jobs += [(hall, partial(fault_exhibit, name)) for name in names]
    made: dict[Hall, list[Exhibit]] = {}
    for index, (hall, make) in enumerate(jobs):
        made.setdefault(hall, []).append(make())
        tell(index + 1, len(jobs))
    return tuple(replace(hall, exhibits=tuple(exhibits)) for hall, exhibits in made.items())


def weather_exhibit(scene: Scene, weather: str) -> Exhibit:
    """A scene under one sky."""
    image = theatre_in(scene.scenario, weather).settled(ns_from_s(scene.at_s)).image
    return Exhibit(
        title=weather.replace("_", " "), says=WEATHERS[weather].says, source=data_url(image),
        command=command(scene.scenario, scene.at_s, weather),
    )  # fmt: skip


# -- views ----------------------------------------------------------------------------------------


def _views() -> Iterator[Callable[[], Exhibit]]:
    """The same instant in other ways."""
    for shows, says in (
        ("colour", "what the dash camera delivers"),
        ("depth", "metres along the optical axis by their logarithm, white near, black from 200 m"),
        ("instance", "one colour for each actor, black for what stands still"),
        ("semantic", "the class of things, in the colours of Cityscapes"),
    ):
        yield partial(_view, shows, says)
    yield _from_behind
    for name in ("left", "right", "rear"):
        yield partial(_beside, name)
    yield _cloud


def _view(shows: str, says: str) -> Exhibit:
    shot = theatre_in(VIEWED.scenario, DAY).settled(ns_from_s(VIEWED.at_s))
    image = shown_of(shot, shows)
    line = command(VIEWED.scenario, VIEWED.at_s, DAY, "--shows", shows)
    return Exhibit(title=shows, says=says, source=data_url(image), command=line)


def _from_behind() -> Exhibit:
    prepared, record, _ = played(VIEWED.scenario)
    image = Theatre(prepared, record, view="chase", size_px=sets.SIZE_PX).settled(ns_from_s(VIEWED.at_s)).image
    line = command(VIEWED.scenario, VIEWED.at_s, DAY, "--view", "chase")
    return Exhibit(title="from behind", says="the vehicle under test itself", source=data_url(image), command=line)


def _beside(name: str) -> Exhibit:
    """Another camera of the rig `surround`, after a few frames as for any single picture."""
    prepared, record, first = played(VIEWED.scenario)
    camera = raw_sensor(prepared, record, first.scenery, f"{topics.CAMERA_IMAGE}/{name}", "surround")
    image = sensed(first, camera, (VIEWED.at_s - 0.1, VIEWED.at_s - 0.05, VIEWED.at_s))
    return Exhibit(title=f"{name} camera", says="of the rig surround, in turns beside a cab", source=data_url(image))


def _cloud() -> Exhibit:
    prepared, record, first = played(VIEWED.scenario)
    frame = first.frame(ns_from_s(VIEWED.at_s))
    scan: LidarScan = raw_sensor(prepared, record, first.scenery, topics.LIDAR).sense(frame, frame.at)
    says = f"{len(scan.points):,} returns from above, coloured by height; rings every 10 m"
    return Exhibit(title="lidar", says=says, source=data_url(seen_from_above(scan.points, sets.SIZE_PX, CLOUD_REACH_M)))


def write_gallery(folder: Path, page: str) -> Path:
    """The page in its folder, whole or not at all."""
    path = folder / "gallery.html"
    write_whole(path, page)
    return path

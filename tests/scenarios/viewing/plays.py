"""Runs to look at, played once for all tests, and small enough to draw in no time."""

from functools import lru_cache

from scenarios.assembly import RunRequest, prepare
from scenarios.viewing.heard import Heard

SMALL = (160, 90)
CHILD = "child_crosses_ahead_of_truck"
CAR = "truck_meets_stationary_car"
TINY_CAMERA = {
    f"sensor.camera_image.lens.{name}": value
    for name, value in {
        "width_px": 64, "height_px": 36, "focal_x_px": 60.0, "focal_y_px": 60.0,
        "centre_x_px": 32.0, "centre_y_px": 18.0,
    }.items()
}  # fmt: skip


@lru_cache(maxsize=16)
def run_of(scenario=CAR, weather="day", faults=(), rig="objects", **more):
    """A prepared run, its record and what was said in it."""
    overrides = {"conditions.preset": weather} | (TINY_CAMERA if rig != "objects" else {}) | more
    prepared = prepare(RunRequest(scenario=scenario, overrides=overrides, faults=faults, rig=rig, seed=1))
    heard = Heard()
    return prepared, prepared.play(digest=False, observe=lambda playing: heard).record, heard

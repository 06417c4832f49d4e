"""Pictures made by hand, and the smallest scenery there is: what the imager's tests look at."""

from types import SimpleNamespace

import numpy as np

from sim.camera.lens import Lens
from sim.camera.picture import NOBODY, Picture
from sim.randomness import entity_id
from sim.scenery.ground import GroundTable
from sim.scenery.materials import Semantic
from sim.scenery.mesh import Body
from sim.scenery.scene import Scenery
from sim.scenery.shapes import box
from sim.scenery.still import tiled
from sim.scenery.viewpoint import Viewpoint
from sim.truth import COLUMNS, SPEED, ActorKind, Conditions, Roster, TruthFrame, X, Y

SMALL = Lens(width_px=96, height_px=64, focal_x_px=90.0, focal_y_px=90.0, centre_x_px=48.0, centre_y_px=32.0)
DAY = Conditions(friction_ratio=0.8, visibility_m=20_000.0, illuminance_lx=20_000.0)


def even(lens, radiance, depth_m=50.0):
    """One grey (or coloured) wall straight across the view."""
    shape = (lens.height_px, lens.width_px)
    return Picture(
        radiance=np.broadcast_to(np.float32(radiance), (*shape, 3)).copy(),
        depth_m=np.full(shape, depth_m, dtype=np.float32),
        instance=np.full(shape, NOBODY, dtype=np.int32),
        semantic=np.full(shape, Semantic.STATIC, dtype=np.uint8),
    )


def eye(velocity_mps=(0.0, 0.0, 0.0), turning_radps=(0.0, 0.0, 0.0), position_m=(0.0, 0.0, 0.0), turn=None):
    """A viewpoint at the origin that looks along x unless told otherwise."""
    return Viewpoint(
        position_m=np.array(position_m),
        world_from_sensor=np.eye(3) if turn is None else turn,
        velocity_mps=np.array(velocity_mps),
        angular_velocity_radps=np.array(turning_radps),
        hidden_row=0,
    )


def moving(*motions, origins=None):
    """A moment's poses and motions alone: one row per motion (velocity, turn rate)."""
    poses = np.tile(np.eye(3, 4), (len(motions), 1, 1))
    if origins is not None:
        poses[:, :, 3] = origins
    return SimpleNamespace(poses=poses, motions=np.array(motions, dtype=np.float64).reshape(-1, 6))


SIZES_M = ((10.0, 2.5, 3.5), (4.5, 1.8, 1.5))


def roster():
    names = ("ego", "car")
    return Roster(
        names=names,
        kinds=(ActorKind.TRUCK, ActorKind.CAR),
        entities=np.array([entity_id(name) for name in names], dtype=np.uint32),
        size_m=np.array(SIZES_M),
        clearance_m=np.zeros(2),
        mass_kg=np.array([26_000.0, 1_500.0]),
    )


def scenery(people=None):
    """An ego and a car, both plain boxes on level ground; nothing stands still."""
    bodies = tuple(
        Body(
            mesh=box((-length / 2, -width / 2, 0.0), (length / 2, width / 2, height), "paint"),
            colour=(0.5, 0.5, 0.5),
            semantic=int(Semantic.CAR),
        )
        for length, width, height in SIZES_M
    )
    ground = GroundTable(first=np.array([0, 1, 2], dtype=np.int32), stations_m=np.zeros(2), heights_m=np.zeros(2))
    return Scenery(roster=people or roster(), still=tiled(()), bodies=bodies, ground=ground)


def frame(people, at=0, *, speed_mps=0.0, car_x_m=20.0, car_y_m=0.0):
    """The ego with its front edge at the origin, a car ahead."""
    state = np.zeros((2, COLUMNS))
    state[0, X], state[0, SPEED] = -5.0, speed_mps
    state[1, X], state[1, Y] = car_x_m, car_y_m
    state.flags.writeable = False
    return TruthFrame(at=at, roster=people, conditions=DAY, state=state)


class Painter:
    """A source of pictures that shows what it was given, and remembers how it was asked."""

    def __init__(self, *pictures):
        self.pictures = pictures
        self.asked = []

    def draw(self, moment, conditions, at, eye, *, readout_s, seed):
        self.asked.append((at, eye, readout_s, seed))
        return self.pictures[min(len(self.asked), len(self.pictures)) - 1]

"""Small scenes for pictures: what stands where, seen from where, drawn under which sky."""

from dataclasses import replace

import numpy as np

from sim.camera.lens import Lens
from sim.camera.renderer import Renderer
from sim.scenery.mesh import merged
from sim.scenery.shapes import box, sheet
from sim.scenery.still import Piece, tiled
from sim.truth import ActorKind, Conditions
from tests.sim.rays import scenes

SMALL = Lens(width_px=160, height_px=96, focal_x_px=150.0, focal_y_px=150.0, centre_x_px=80.0, centre_y_px=48.0)
BENT = replace(SMALL, k1=-0.25, k2=0.06, p1=0.002, p2=-0.001)
DAY = Conditions(
    friction_ratio=0.8, visibility_m=1e6, illuminance_lx=50_000.0, sun_elevation_rad=0.7, sun_azimuth_rad=2.2,
    cloud_ratio=0.0,
)  # fmt: skip
COVERED = replace(DAY, cloud_ratio=1.0, illuminance_lx=10_000.0)
NIGHT = replace(DAY, cloud_ratio=1.0, illuminance_lx=0.2, sun_elevation_rad=-0.5)
LUMINANCE = np.array([0.2126, 0.7152, 0.0722])


def ground(material="asphalt", half_m=400.0):
    """A level square about the origin, seen from above."""
    return sheet(
        ((-half_m, -half_m, 0.0), (half_m, -half_m, 0.0), (half_m, half_m, 0.0), (-half_m, half_m, 0.0)), material
    )


def board(x_m, y_m, z_m, size_m, material):
    """An upright square whose face looks towards -x, its middle here."""
    s = 0.5 * size_m
    return sheet(
        ((x_m, y_m + s, z_m - s), (x_m, y_m - s, z_m - s), (x_m, y_m - s, z_m + s), (x_m, y_m + s, z_m + s)), material
    )


def still_of(*meshes):
    """Meshes that stand still and are seen from any distance."""
    return tiled(tuple(Piece(mesh=mesh, reach_m=1e9) for mesh in meshes))


def scene_of(*meshes, actors=()):
    """A scenery of still meshes and of actors (kind, mesh or None); there is always an ego in row 0, a car."""
    return scenes.scenery([(ActorKind.CAR, None), *actors], still_of(*meshes))


def rolling_car():
    """A plain body with a tail lamp and a brake lamp behind and head lamps ahead; white paint."""
    return merged(
        box((-2.0, -0.9, 0.3), (2.0, 0.9, 1.4), "paint"),
        box((-2.05, 0.5, 0.7), (-2.0, 0.8, 0.9), "tail_lamp"),
        box((-2.05, -0.3, 1.0), (-2.0, 0.3, 1.2), "brake_lamp"),
        box((2.0, 0.5, 0.6), (2.05, 0.8, 0.8), "headlamp"),
        box((2.0, -0.8, 0.6), (2.05, -0.5, 0.8), "headlamp"),
    )


def draw(scene, conditions, places, *, eye=None, lens=SMALL, at=0, seed=0, readout_s=0.0, edit=None, **options):
    """One picture; `places` are the actors' (dicts, the ego first), `edit` changes the truth's state."""
    frame = scenes.frame(scene, places, at=at, conditions=conditions)
    if edit is not None:
        state = frame.state.copy()
        edit(state)
        frame = replace(frame, state=state)
    moment = scene.moment(frame)
    seen = eye if eye is not None else scenes.eye((0.0, 0.0, 1.5), hidden=0)
    renderer = Renderer(scene, lens, **options)
    return renderer.draw(moment, conditions, frame.at, seen, readout_s=readout_s, seed=seed)


def brightness(picture):
    """(h, w) luminance, cd/m²."""
    return picture.radiance.astype(np.float64) @ LUMINANCE


def pixel_of(place_m, position_m=(0.0, 0.0, 1.5), lens=SMALL):
    """Row and column of a point for a level eye that looks along x."""
    x, y, z = np.array(place_m, dtype=float) - np.array(position_m)
    return int(lens.centre_y_px - lens.focal_y_px * z / x), int(lens.centre_x_px - lens.focal_x_px * y / x)

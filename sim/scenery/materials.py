"""What surfaces are made of: how they look, glow and echo.

Albedo is linear RGB reflectance, 0 to 1. Semantic classes carry CARLA 0.9.16's numbers (its
documentation, "Semantic segmentation camera"), so a picture's classes read the same in both worlds.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Any, NamedTuple

import numpy as np


class Semantic(IntEnum):
    """Semantic classes, numbered as in CARLA 0.9.16."""

    UNLABELED = 0
    ROAD = 1
    SIDEWALK = 2
    BUILDING = 3
    WALL = 4
    FENCE = 5
    POLE = 6
    TRAFFIC_LIGHT = 7
    TRAFFIC_SIGN = 8
    VEGETATION = 9
    TERRAIN = 10
    SKY = 11
    PEDESTRIAN = 12
    RIDER = 13
    CAR = 14
    TRUCK = 15
    BUS = 16
    TRAIN = 17
    MOTORCYCLE = 18
    BICYCLE = 19
    STATIC = 20
    DYNAMIC = 21
    OTHER = 22
    WATER = 23
    ROAD_LINE = 24
    GROUND = 25
    BRIDGE = 26
    RAIL_TRACK = 27
    GUARD_RAIL = 28


class Lamp(IntEnum):
    """What makes a surface glow. A moving body's lit lamps are a bit mask, bit number = this value."""

    NONE = 0
    HEAD = 1
    TAIL = 2
    BRAKE = 3
    LEFT_INDICATOR = 4
    RIGHT_INDICATOR = 5
    WINDOW = 6  # a building's lit windows, by night
    STREET = 7  # a street lamp's luminaire, by night
    SIGNAL_RED = 8
    SIGNAL_AMBER = 9
    SIGNAL_GREEN = 10
    BEACON = 11


class Texture(IntEnum):
    """How albedo varies over a surface; all are procedural, from the place on the surface."""

    PLAIN = 0
    ASPHALT = 1
    CONCRETE = 2
    GRASS = 3
    FACADE = 4  # rows of windows
    FOLIAGE = 5
    PAVING = 6
    WORN_PAINT = 7  # markings
    BRICK = 8
    CHEQUER = 9  # the soft target's pattern
    FIELD = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """One material. `tinted`: albedo is multiplied by the body's own colour.

    `reflectivity_905nm` is Lambertian reflectance for a lidar's wavelength; above 1 it is a
    retroreflector's apparent value. `radar_ratio` is the share of 77 GHz power a surface returns
    instead of letting through or absorbing (metal 1). `semantic` UNLABELED: the body's own class.
    """

    name: str
    albedo: tuple[float, float, float]
    semantic: Semantic = Semantic.UNLABELED
    gloss_ratio: float = 0.0  # share of light reflected as in a mirror at grazing angles
    texture: Texture = Texture.PLAIN
    lamp: Lamp = Lamp.NONE
    tinted: bool = False
    reflectivity_905nm: float = 0.3
    radar_ratio: float = 0.1


# Reflectances are everyday values for such surfaces (own choice, within the ranges of e.g. the
# USGS Spectral Library version 7 and of lidar makers' target tables); paints and cloth are judged.
# fmt: off
MATERIALS: tuple[Material, ...] = (
    Material(name="asphalt", albedo=(0.085, 0.085, 0.09), semantic=Semantic.ROAD, texture=Texture.ASPHALT,
             gloss_ratio=0.04, reflectivity_905nm=0.12, radar_ratio=0.02),
    Material(name="concrete_road", albedo=(0.26, 0.255, 0.245), semantic=Semantic.ROAD, texture=Texture.CONCRETE,
             reflectivity_905nm=0.3, radar_ratio=0.02),
    Material(name="marking", albedo=(0.62, 0.62, 0.60), semantic=Semantic.ROAD_LINE, texture=Texture.WORN_PAINT,
             reflectivity_905nm=0.75, radar_ratio=0.02),
    Material(name="marking_yellow", albedo=(0.62, 0.45, 0.06), semantic=Semantic.ROAD_LINE, texture=Texture.WORN_PAINT,
             reflectivity_905nm=0.7, radar_ratio=0.02),
    Material(name="kerb", albedo=(0.34, 0.335, 0.32), semantic=Semantic.SIDEWALK, texture=Texture.CONCRETE,
             reflectivity_905nm=0.35, radar_ratio=0.05),
    Material(name="paving", albedo=(0.27, 0.26, 0.25), semantic=Semantic.SIDEWALK, texture=Texture.PAVING,
             reflectivity_905nm=0.3, radar_ratio=0.03),
    Material(name="shoulder", albedo=(0.13, 0.125, 0.12), semantic=Semantic.ROAD, texture=Texture.ASPHALT,
             reflectivity_905nm=0.15, radar_ratio=0.03),
    Material(name="gravel", albedo=(0.24, 0.22, 0.19), semantic=Semantic.GROUND, texture=Texture.CONCRETE,
             reflectivity_905nm=0.3, radar_ratio=0.05),
    Material(name="grass", albedo=(0.075, 0.13, 0.035), semantic=Semantic.TERRAIN, texture=Texture.GRASS,
             reflectivity_905nm=0.5, radar_ratio=0.02),
    Material(name="field", albedo=(0.19, 0.17, 0.07), semantic=Semantic.TERRAIN, texture=Texture.FIELD,
             reflectivity_905nm=0.45, radar_ratio=0.02),
    Material(name="steel", albedo=(0.42, 0.43, 0.45), semantic=Semantic.STATIC, gloss_ratio=0.3,
             reflectivity_905nm=0.45, radar_ratio=1.0),
    Material(name="guard_rail", albedo=(0.42, 0.43, 0.44), semantic=Semantic.GUARD_RAIL, gloss_ratio=0.3,
             reflectivity_905nm=0.5, radar_ratio=1.0),
    Material(name="pole", albedo=(0.36, 0.37, 0.38), semantic=Semantic.POLE, gloss_ratio=0.2,
             reflectivity_905nm=0.4, radar_ratio=1.0),
    Material(name="gantry", albedo=(0.33, 0.34, 0.36), semantic=Semantic.POLE, gloss_ratio=0.2,
             reflectivity_905nm=0.4, radar_ratio=1.0),
    Material(name="bridge", albedo=(0.36, 0.355, 0.34), semantic=Semantic.BRIDGE, texture=Texture.CONCRETE,
             reflectivity_905nm=0.4, radar_ratio=0.3),
    Material(name="sign_white", albedo=(0.75, 0.75, 0.74), semantic=Semantic.TRAFFIC_SIGN, reflectivity_905nm=20.0,
             radar_ratio=1.0),
    Material(name="sign_red", albedo=(0.55, 0.03, 0.03), semantic=Semantic.TRAFFIC_SIGN, reflectivity_905nm=8.0,
             radar_ratio=1.0),
    Material(name="sign_blue", albedo=(0.02, 0.10, 0.42), semantic=Semantic.TRAFFIC_SIGN, reflectivity_905nm=8.0,
             radar_ratio=1.0),
    Material(name="sign_yellow", albedo=(0.75, 0.50, 0.02), semantic=Semantic.TRAFFIC_SIGN, reflectivity_905nm=12.0,
             radar_ratio=1.0),
    Material(name="sign_black", albedo=(0.02, 0.02, 0.02), semantic=Semantic.TRAFFIC_SIGN, reflectivity_905nm=0.05,
             radar_ratio=1.0),
    Material(name="sign_back", albedo=(0.30, 0.31, 0.32), semantic=Semantic.STATIC, reflectivity_905nm=0.3,
             radar_ratio=1.0),
    Material(name="signal_housing", albedo=(0.02, 0.03, 0.025), semantic=Semantic.TRAFFIC_LIGHT,
             reflectivity_905nm=0.06, radar_ratio=0.4),
    Material(name="signal_red", albedo=(0.25, 0.02, 0.02), semantic=Semantic.TRAFFIC_LIGHT, lamp=Lamp.SIGNAL_RED,
             reflectivity_905nm=0.3, radar_ratio=0.3),
    Material(name="signal_amber", albedo=(0.25, 0.13, 0.02), semantic=Semantic.TRAFFIC_LIGHT, lamp=Lamp.SIGNAL_AMBER,
             reflectivity_905nm=0.3, radar_ratio=0.3),
    Material(name="signal_green", albedo=(0.02, 0.20, 0.08), semantic=Semantic.TRAFFIC_LIGHT, lamp=Lamp.SIGNAL_GREEN,
             reflectivity_905nm=0.3, radar_ratio=0.3),
    Material(name="facade_plaster", albedo=(0.52, 0.48, 0.40), semantic=Semantic.BUILDING, texture=Texture.FACADE,
             lamp=Lamp.WINDOW, reflectivity_905nm=0.55, radar_ratio=0.25),
    Material(name="facade_brick", albedo=(0.30, 0.14, 0.09), semantic=Semantic.BUILDING, texture=Texture.FACADE,
             lamp=Lamp.WINDOW, reflectivity_905nm=0.4, radar_ratio=0.25),
    Material(name="facade_concrete", albedo=(0.37, 0.37, 0.36), semantic=Semantic.BUILDING, texture=Texture.FACADE,
             lamp=Lamp.WINDOW, reflectivity_905nm=0.4, radar_ratio=0.3),
    Material(name="facade_glass", albedo=(0.10, 0.14, 0.17), semantic=Semantic.BUILDING, texture=Texture.FACADE,
             lamp=Lamp.WINDOW, gloss_ratio=0.5, reflectivity_905nm=0.15, radar_ratio=0.4),
    Material(name="wall", albedo=(0.40, 0.37, 0.33), semantic=Semantic.WALL, texture=Texture.BRICK,
             reflectivity_905nm=0.4, radar_ratio=0.25),
    Material(name="roof", albedo=(0.22, 0.09, 0.06), semantic=Semantic.BUILDING, reflectivity_905nm=0.3,
             radar_ratio=0.2),
    Material(name="roof_flat", albedo=(0.16, 0.16, 0.16), semantic=Semantic.BUILDING, texture=Texture.CONCRETE,
             reflectivity_905nm=0.2, radar_ratio=0.2),
    Material(name="bark", albedo=(0.11, 0.08, 0.055), semantic=Semantic.VEGETATION, reflectivity_905nm=0.35,
             radar_ratio=0.1),
    Material(name="foliage", albedo=(0.055, 0.10, 0.025), semantic=Semantic.VEGETATION, texture=Texture.FOLIAGE,
             reflectivity_905nm=0.5, radar_ratio=0.03),
    Material(name="conifer", albedo=(0.03, 0.065, 0.03), semantic=Semantic.VEGETATION, texture=Texture.FOLIAGE,
             reflectivity_905nm=0.4, radar_ratio=0.03),
    Material(name="hedge", albedo=(0.045, 0.085, 0.025), semantic=Semantic.VEGETATION, texture=Texture.FOLIAGE,
             reflectivity_905nm=0.5, radar_ratio=0.03),
    Material(name="street_lamp", albedo=(0.6, 0.6, 0.55), semantic=Semantic.POLE, lamp=Lamp.STREET,
             reflectivity_905nm=0.4, radar_ratio=0.5),
    Material(name="door", albedo=(0.09, 0.07, 0.055), semantic=Semantic.BUILDING, gloss_ratio=0.05,
             reflectivity_905nm=0.2, radar_ratio=0.2),
    Material(name="gate", albedo=(0.30, 0.31, 0.32), semantic=Semantic.BUILDING, gloss_ratio=0.1,
             reflectivity_905nm=0.3, radar_ratio=1.0),
    Material(name="shop_window", albedo=(0.03, 0.04, 0.05), semantic=Semantic.BUILDING, gloss_ratio=0.6,
             reflectivity_905nm=0.08, radar_ratio=0.3),
    Material(name="awning", albedo=(0.36, 0.05, 0.04), semantic=Semantic.BUILDING, reflectivity_905nm=0.4,
             radar_ratio=0.05),
    Material(name="planks", albedo=(0.17, 0.11, 0.065), semantic=Semantic.BUILDING, reflectivity_905nm=0.4,
             radar_ratio=0.1),
    Material(name="post_white", albedo=(0.68, 0.68, 0.66), semantic=Semantic.POLE, reflectivity_905nm=0.7,
             radar_ratio=0.05),
    Material(name="post_black", albedo=(0.025, 0.025, 0.025), semantic=Semantic.POLE, reflectivity_905nm=0.06,
             radar_ratio=0.05),
    Material(name="reflector", albedo=(0.72, 0.70, 0.64), semantic=Semantic.POLE, gloss_ratio=0.2,
             reflectivity_905nm=25.0, radar_ratio=0.05),
    Material(name="signal_red_off", albedo=(0.10, 0.012, 0.012), semantic=Semantic.TRAFFIC_LIGHT,
             reflectivity_905nm=0.2, radar_ratio=0.3),
    Material(name="signal_amber_off", albedo=(0.10, 0.055, 0.012), semantic=Semantic.TRAFFIC_LIGHT,
             reflectivity_905nm=0.2, radar_ratio=0.3),
    Material(name="signal_green_off", albedo=(0.012, 0.07, 0.035), semantic=Semantic.TRAFFIC_LIGHT,
             reflectivity_905nm=0.2, radar_ratio=0.3),
    # bodies
    Material(name="paint", albedo=(1.0, 1.0, 1.0), tinted=True, gloss_ratio=0.25, reflectivity_905nm=0.45,
             radar_ratio=1.0),
    Material(name="tarpaulin", albedo=(1.0, 1.0, 1.0), tinted=True, gloss_ratio=0.05, reflectivity_905nm=0.5,
             radar_ratio=0.5),
    Material(name="glass", albedo=(0.02, 0.025, 0.03), gloss_ratio=0.6, reflectivity_905nm=0.08, radar_ratio=0.3),
    Material(name="rubber", albedo=(0.025, 0.025, 0.025), reflectivity_905nm=0.05, radar_ratio=0.2),
    Material(name="rim", albedo=(0.40, 0.41, 0.42), gloss_ratio=0.3, reflectivity_905nm=0.5, radar_ratio=1.0),
    Material(name="dark_plastic", albedo=(0.04, 0.04, 0.042), reflectivity_905nm=0.1, radar_ratio=0.2),
    Material(name="chassis", albedo=(0.06, 0.06, 0.065), reflectivity_905nm=0.15, radar_ratio=1.0),
    Material(name="plate", albedo=(0.7, 0.7, 0.68), reflectivity_905nm=15.0, radar_ratio=0.8),
    Material(name="headlamp", albedo=(0.6, 0.6, 0.6), lamp=Lamp.HEAD, gloss_ratio=0.4, reflectivity_905nm=2.0,
             radar_ratio=0.4),
    Material(name="tail_lamp", albedo=(0.30, 0.02, 0.02), lamp=Lamp.TAIL, reflectivity_905nm=6.0, radar_ratio=0.3),
    Material(name="brake_lamp", albedo=(0.34, 0.02, 0.02), lamp=Lamp.BRAKE, reflectivity_905nm=6.0, radar_ratio=0.3),
    Material(name="left_indicator", albedo=(0.45, 0.20, 0.02), lamp=Lamp.LEFT_INDICATOR, reflectivity_905nm=1.0,
             radar_ratio=0.3),
    Material(name="right_indicator", albedo=(0.45, 0.20, 0.02), lamp=Lamp.RIGHT_INDICATOR, reflectivity_905nm=1.0,
             radar_ratio=0.3),
    Material(name="reflective_tape", albedo=(0.70, 0.10, 0.05), reflectivity_905nm=25.0, radar_ratio=0.3),
    Material(name="skin", albedo=(0.42, 0.27, 0.20), semantic=Semantic.UNLABELED, reflectivity_905nm=0.5,
             radar_ratio=0.5),
    Material(name="cloth", albedo=(1.0, 1.0, 1.0), tinted=True, reflectivity_905nm=0.4, radar_ratio=0.4),
    Material(name="trousers", albedo=(0.07, 0.08, 0.12), reflectivity_905nm=0.3, radar_ratio=0.4),
    Material(name="shoe", albedo=(0.05, 0.04, 0.035), reflectivity_905nm=0.15, radar_ratio=0.3),
    Material(name="hair", albedo=(0.05, 0.035, 0.025), reflectivity_905nm=0.2, radar_ratio=0.2),
    Material(name="rider_skin", albedo=(0.42, 0.27, 0.20), semantic=Semantic.RIDER, reflectivity_905nm=0.5,
             radar_ratio=0.5),
    Material(name="rider_cloth", albedo=(1.0, 1.0, 1.0), tinted=True, semantic=Semantic.RIDER,
             reflectivity_905nm=0.4, radar_ratio=0.4),
    Material(name="rider_trousers", albedo=(0.06, 0.06, 0.08), semantic=Semantic.RIDER, reflectivity_905nm=0.3,
             radar_ratio=0.4),
    Material(name="helmet", albedo=(0.55, 0.55, 0.53), semantic=Semantic.RIDER, gloss_ratio=0.2,
             reflectivity_905nm=0.5, radar_ratio=0.3),
    Material(name="frame_tube", albedo=(1.0, 1.0, 1.0), tinted=True, gloss_ratio=0.2, reflectivity_905nm=0.4,
             radar_ratio=1.0),
    Material(name="foam", albedo=(1.0, 1.0, 1.0), tinted=True, texture=Texture.CHEQUER, reflectivity_905nm=0.45,
             radar_ratio=0.8),
    Material(name="cone_orange", albedo=(0.75, 0.16, 0.02), reflectivity_905nm=0.6, radar_ratio=0.05),
    Material(name="cone_white", albedo=(0.72, 0.72, 0.70), reflectivity_905nm=15.0, radar_ratio=0.05),
    Material(name="plate_steel", albedo=(0.16, 0.13, 0.11), gloss_ratio=0.1, reflectivity_905nm=0.2, radar_ratio=1.0),
    Material(name="cardboard", albedo=(0.36, 0.26, 0.16), reflectivity_905nm=0.5, radar_ratio=0.05),
    Material(name="timber", albedo=(0.30, 0.22, 0.13), reflectivity_905nm=0.45, radar_ratio=0.1),
    Material(name="panel", albedo=(0.66, 0.66, 0.65), gloss_ratio=0.1, reflectivity_905nm=0.6, radar_ratio=0.8),
    Material(name="denim", albedo=(0.06, 0.09, 0.17), reflectivity_905nm=0.35, radar_ratio=0.4),
)
# fmt: on

MATERIAL: dict[str, int] = {material.name: row for row, material in enumerate(MATERIALS)}


class MaterialTable(NamedTuple):
    """The materials as arrays for kernels, one row per material."""

    albedo: Any  # (m, 3) float32
    gloss: Any  # (m,) float32
    texture: Any  # (m,) int32
    lamp: Any  # (m,) int32
    tinted: Any  # (m,) uint8
    semantic: Any  # (m,) uint8
    reflectivity: Any  # (m,) float32
    radar: Any  # (m,) float32


def material_table() -> MaterialTable:
    """All materials as read-only arrays."""
    table = MaterialTable(
        albedo=np.array([material.albedo for material in MATERIALS], dtype=np.float32),
        gloss=np.array([material.gloss_ratio for material in MATERIALS], dtype=np.float32),
        texture=np.array([material.texture for material in MATERIALS], dtype=np.int32),
        lamp=np.array([material.lamp for material in MATERIALS], dtype=np.int32),
        tinted=np.array([material.tinted for material in MATERIALS], dtype=np.uint8),
        semantic=np.array([material.semantic for material in MATERIALS], dtype=np.uint8),
        reflectivity=np.array([material.reflectivity_905nm for material in MATERIALS], dtype=np.float32),
        radar=np.array([material.radar_ratio for material in MATERIALS], dtype=np.float32),
    )
    for array in table:
        array.setflags(write=False)
    return table

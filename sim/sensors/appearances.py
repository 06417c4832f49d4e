"""How things of each kind look to the object camera: what they are called, and how small they may get.

`half_px` is the apparent height found in every second frame: KITTI's object benchmark (Geiger, Lenz,
Urtasun, CVPR 2012) grades objects below 25 px as hard and Caltech's (Dollar et al., PAMI 2012) people
below 30 px as far (quoted from memory, to be confirmed); detectors of
today reach below both. `own_light_lx` stands for lamps and retro-reflectors. A motorcycle is listed as a
vehicle, its lamp and a person's size making it the smaller and the harder one; cones and debris are
listed without a name: the camera sees that something is there (both judged, own).
"""

from dataclasses import dataclass

from sim.truth import ActorKind
from stack.vocabulary import ObjectClass

# Codes of classes in the kernel; NOT_AN_OBJECT and FLAT are never listed under their own name.
CLASSES = (ObjectClass.UNKNOWN, ObjectClass.VEHICLE, ObjectClass.CYCLIST, ObjectClass.PEDESTRIAN)
NOT_AN_OBJECT, FLAT = -1, -2


@dataclass(frozen=True, slots=True, kw_only=True)
class Appearance:
    """One kind. `contrast_ratio` is its contrast to the road scene without haze."""

    class_code: int
    half_px: float
    contrast_ratio: float
    own_light_lx: float


_BACKGROUND = Appearance(class_code=NOT_AN_OBJECT, half_px=1.0, contrast_ratio=0.5, own_light_lx=0.0)

APPEARANCES: dict[ActorKind, Appearance] = {
    ActorKind.CAR: Appearance(class_code=1, half_px=13.0, contrast_ratio=0.6, own_light_lx=5.0),
    ActorKind.VAN: Appearance(class_code=1, half_px=14.0, contrast_ratio=0.6, own_light_lx=5.0),
    ActorKind.TRUCK: Appearance(class_code=1, half_px=16.0, contrast_ratio=0.6, own_light_lx=5.0),
    ActorKind.CYCLIST: Appearance(class_code=2, half_px=17.0, contrast_ratio=0.5, own_light_lx=1.0),
    ActorKind.ADULT: Appearance(class_code=3, half_px=17.0, contrast_ratio=0.5, own_light_lx=0.0),
    ActorKind.CHILD: Appearance(class_code=3, half_px=16.0, contrast_ratio=0.5, own_light_lx=0.0),
    ActorKind.SOFT_TARGET: Appearance(class_code=1, half_px=14.0, contrast_ratio=0.6, own_light_lx=2.0),
    ActorKind.STEEL_PLATE: Appearance(class_code=FLAT, half_px=1.0, contrast_ratio=0.3, own_light_lx=0.0),
    ActorKind.GANTRY: _BACKGROUND,
    ActorKind.GUARD_RAIL: _BACKGROUND,
    ActorKind.BUILDING: _BACKGROUND,
    ActorKind.BUS: Appearance(class_code=1, half_px=16.0, contrast_ratio=0.6, own_light_lx=5.0),
    ActorKind.MOTORCYCLE: Appearance(class_code=1, half_px=17.0, contrast_ratio=0.5, own_light_lx=4.0),
    ActorKind.CONE: Appearance(class_code=0, half_px=15.0, contrast_ratio=0.6, own_light_lx=3.0),
    ActorKind.DEBRIS: Appearance(class_code=0, half_px=20.0, contrast_ratio=0.3, own_light_lx=0.0),
}

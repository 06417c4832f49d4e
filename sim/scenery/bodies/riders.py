"""Two-wheelers with their riders: a bicycle whose rider's legs pedal, and a motorcycle.

Body frame, metres. Sizes follow the actor's; lengths of limbs follow a rider's height.
"""

from math import cos, pi, sin

from sim.scenery.bodies.motorcars import plate
from sim.scenery.bodies.people import LEGS, head, jointed, limb, shoe
from sim.scenery.bodies.skin import Face, skin
from sim.scenery.mesh import Mesh, Part, merged
from sim.scenery.shapes import Point, box, cylinder, ellipsoid, sheet

BICYCLE_WHEEL_M = 0.345  # radius of a 28 inch wheel
MOTORCYCLE_WHEEL_M = 0.31
MOTORCYCLE_PLATE_M = (0.20, 0.20)


def hoop(x_m: float, radius_m: float, tyre_m: float, rim_m: float, *, sides: int = 14) -> Mesh:
    """A thin wheel one can see through: tyre and rim seen from both sides, no spokes. Its plane is y = 0."""
    turns = [2.0 * pi * i / sides for i in range(sides)]
    half_m, inner_m = 0.5 * tyre_m, radius_m - rim_m

    def at(y_m: float, reach_m: float, turn: float) -> Point:
        return (x_m + reach_m * cos(turn - 0.5 * pi), y_m, radius_m + reach_m * sin(turn - 0.5 * pi))

    faces: list[Face] = []
    for index in range(sides):
        a, b = turns[index], turns[(index + 1) % sides]
        right = (at(-half_m, inner_m, a), at(0.0, radius_m, a), at(0.0, radius_m, b), at(-half_m, inner_m, b))
        left = (at(half_m, inner_m, b), at(0.0, radius_m, b), at(0.0, radius_m, a), at(half_m, inner_m, a))
        within = (at(-half_m, inner_m, a), at(-half_m, inner_m, b), at(half_m, inner_m, b), at(half_m, inner_m, a))
        faces += [(right, "rubber"), (left, "rubber"), (within, "rim")]
    return skin(faces, crease_rad=0.7)


def bicycle(size_m: tuple[float, float, float]) -> Mesh:
    """A bicycle and its rider, leaning a little forward; thighs and shins are parts that pedal."""
    length_m, width_m, height_m = size_m
    wheel_m = min(BICYCLE_WHEEL_M, 0.2 * height_m)
    axle_m = 0.5 * length_m - wheel_m
    up = height_m / 1.86  # of a rider's height the sizes below belong to
    saddle, crank = (-0.24 * up, 0.0, 0.96 * up), (-0.06 * up, 0.0, 0.29 * up)
    grip = (0.40 * up, 1.06 * up)
    steering = (axle_m - 0.20 * up, 0.0, 0.86 * up)
    tubes = (
        ((-axle_m, 0.0, wheel_m), crank), ((-axle_m, 0.0, wheel_m), (-0.20 * up, 0.0, 0.76 * up)), (crank, saddle),
        (crank, (steering[0] + 0.03 * up, 0.0, 0.76 * up)), ((-0.20 * up, 0.0, 0.78 * up), steering),
        ((axle_m, 0.0, wheel_m), (grip[0] + 0.03 * up, 0.0, grip[1] - 0.02 * up)),
    )  # fmt: skip
    bar_m = 0.5 * width_m
    parts = [
        hoop(-axle_m, wheel_m, 0.04, 0.055), hoop(axle_m, wheel_m, 0.04, 0.055),
        *(cylinder(a, b, 0.019, "frame_tube", sides=5, capped=False) for a, b in tubes),
        cylinder((grip[0], -bar_m, grip[1]), (grip[0], bar_m, grip[1]), 0.016, "dark_plastic", sides=4),
        cylinder((crank[0], -0.10, crank[2]), (crank[0], 0.10, crank[2]), 0.07, "chassis", sides=6),
        box((saddle[0] - 0.14, -0.07, saddle[2] - 0.02), (saddle[0] + 0.10, 0.07, saddle[2] + 0.03), "dark_plastic"),
        box((grip[0] + 0.05, -0.035, grip[1] - 0.16), (grip[0] + 0.10, 0.035, grip[1] - 0.09), "headlamp"),
        box((-axle_m - 0.1, -0.04, 0.62 * up), (-axle_m - 0.06, 0.04, 0.68 * up), "reflective_tape"),
    ]  # fmt: skip
    rider, joints = _rider(up, hip=(-0.22 * up, 0.99 * up), shoulder=(0.04 * up, 1.52 * up), grip=grip,
                           knee=(0.15 * up, 0.74 * up), ankle=(-0.02 * up, 0.36 * up), top_m=height_m,
                           hands_m=bar_m - 0.04, moving=True)  # fmt: skip
    return jointed(merged(*parts, *rider), joints)


def motorcycle(size_m: tuple[float, float, float]) -> Mesh:
    """A motorcycle with lamps, plate and a rider whose feet stand on pegs."""
    length_m, width_m, height_m = size_m
    wheel_m = MOTORCYCLE_WHEEL_M
    axle_m = 0.5 * length_m - wheel_m - 0.02
    up = height_m / 1.50
    bar_m = 0.5 * width_m
    grip = (0.36 * up, 0.98 * up)
    parts = [
        *(hoop(x_m, wheel_m, 0.15, 0.12, sides=12) for x_m in (-axle_m, axle_m)),
        *(cylinder((x_m, -0.04, wheel_m), (x_m, 0.04, wheel_m), 0.15, "rim", sides=6) for x_m in (-axle_m, axle_m)),
        *(cylinder((axle_m, y_m, wheel_m), (grip[0] + 0.04, y_m, grip[1] - 0.05), 0.03, "rim", sides=5, capped=False)
          for y_m in (-0.10, 0.10)),
        *(cylinder((-axle_m, y_m, wheel_m), (-0.15, y_m, 0.42 * up), 0.03, "chassis", sides=4, capped=False)
          for y_m in (-0.10, 0.10)),
        cylinder((grip[0], -bar_m, grip[1]), (grip[0], bar_m, grip[1]), 0.02, "dark_plastic", sides=4),
        limb([(-0.30, 0.0, 0.46 * up), (0.0, 0.0, 0.40 * up), (0.34, 0.0, 0.50 * up)],
             [(0.14, 0.13), (0.22, 0.19), (0.15, 0.14)], "chassis", sides=8),
        limb([(-0.14, 0.0, 0.78 * up), (0.10, 0.0, 0.84 * up), (0.36, 0.0, 0.82 * up)],
             [(0.06, 0.10), (0.13, 0.16), (0.08, 0.10)], "frame_tube", sides=8),
        limb([(-axle_m - 0.12, 0.0, 0.86 * up), (-0.45 * up, 0.0, 0.80 * up), (-0.10 * up, 0.0, 0.76 * up)],
             [(0.03, 0.07), (0.06, 0.13), (0.05, 0.12)], "dark_plastic", sides=6),
        limb([(0.30, 0.0, 0.80 * up), (0.50, 0.0, 0.86 * up), (0.60, 0.0, 0.84 * up)],
             [(0.16, 0.14), (0.14, 0.15), (0.10, 0.11)], "frame_tube", sides=8),
        *_motorcycle_lamps(axle_m, up),
    ]  # fmt: skip
    for side in (-1.0, 1.0):
        inner_m, outer_m = sorted((side * (bar_m - 0.18), side * (bar_m - 0.06)))
        parts.append(box((grip[0] - 0.02, inner_m, grip[1] + 0.06), (grip[0] + 0.02, outer_m, grip[1] + 0.13),
                         "dark_plastic"))  # fmt: skip
    rider, _ = _rider(up, hip=(-0.32 * up, 0.86 * up), shoulder=(-0.06 * up, 1.27 * up), grip=grip,
                      knee=(0.06 * up, 0.66 * up), ankle=(-0.24 * up, 0.40 * up), top_m=height_m,
                      hands_m=bar_m - 0.08, moving=False)  # fmt: skip
    return merged(*parts, *rider)


def _motorcycle_lamps(axle_m: float, up: float) -> list[Mesh]:
    """Headlamp in the fairing, tail and brake lamp, indicators on stalks, plate below the tail."""
    front_m, rear_m = 0.61, -axle_m - 0.13
    z_m = 0.84 * up
    parts = [
        sheet(((front_m, -0.09, z_m - 0.07), (front_m, 0.09, z_m - 0.07), (front_m, 0.07, z_m + 0.07),
               (front_m, -0.07, z_m + 0.07)), "headlamp"),
        sheet(((rear_m, -0.07, z_m - 0.02), (rear_m, -0.07, z_m + 0.02), (rear_m, 0.07, z_m + 0.02),
               (rear_m, 0.07, z_m - 0.02)), "tail_lamp"),
        sheet(((rear_m, -0.07, z_m + 0.02), (rear_m, -0.07, z_m + 0.05), (rear_m, 0.07, z_m + 0.05),
               (rear_m, 0.07, z_m + 0.02)), "brake_lamp"),
        plate(rear_m - 0.01, 0.62 * up, -1.0, size_m=MOTORCYCLE_PLATE_M),
    ]  # fmt: skip
    for side, lamp in ((1.0, "left_indicator"), (-1.0, "right_indicator")):
        for x_m in (0.50, rear_m + 0.06):
            a_m, b_m = sorted((side * 0.15, side * 0.22))
            parts.append(box((x_m, a_m, z_m - 0.06), (x_m + 0.05, b_m, z_m - 0.01), lamp))
    return parts


def _full_helmet(middle: Point, half_m: float) -> list[Mesh]:
    """A motorcyclist's helmet with a dark visor."""
    x_m, y_m, z_m = middle
    return [
        ellipsoid(middle, (1.05 * half_m, 0.92 * half_m, 1.12 * half_m), "helmet", around=8, rings=5),
        ellipsoid((x_m + 0.30 * half_m, y_m, z_m + 0.08 * half_m), (0.82 * half_m, 0.74 * half_m, 0.42 * half_m),
                  "glass", around=8, rings=4),
    ]  # fmt: skip


def _rider(
    up: float, *, hip: tuple[float, float], shoulder: tuple[float, float], grip: tuple[float, float],
    knee: tuple[float, float], ankle: tuple[float, float], top_m: float, hands_m: float, moving: bool,
) -> tuple[list[Mesh], dict[Part, Point]]:  # fmt: skip
    """Someone seated, by the places (x, z) of the joints seen from the side, and the joints of the legs."""
    hip_y_m, shoulder_y_m = 0.10 * up, 0.19 * up
    between = [(a + 0.55 * (b - a)) for a, b in zip(hip, shoulder, strict=True)]
    trunk = limb(
        [(hip[0] - 0.02 * up, 0.0, hip[1] - 0.08 * up), (between[0] - 0.06 * up, 0.0, between[1]),
         (shoulder[0], 0.0, shoulder[1]), (shoulder[0] + 0.06 * up, 0.0, shoulder[1] + 0.07 * up)],
        [(0.11 * up, 0.16 * up), (0.12 * up, 0.17 * up), (0.11 * up, 0.18 * up), (0.05 * up, 0.07 * up)],
        "rider_cloth", sides=8)  # fmt: skip
    half_m = 0.125 * up
    middle = (shoulder[0] + 0.11 * up, 0.0, top_m - 1.16 * half_m)
    neck = limb([(shoulder[0] + 0.03 * up, 0.0, shoulder[1]), (middle[0] - 0.01, 0.0, middle[2])],
                [(0.06 * up, 0.06 * up), (0.055 * up, 0.055 * up)], "rider_skin")  # fmt: skip
    parts = [trunk, neck, *(head(middle, half_m, "rider_skin", "helmet") if moving else _full_helmet(middle, half_m))]
    joints: dict[Part, Point] = {}
    for thigh, shin, side in LEGS:
        y_m, foot_y_m = side * hip_y_m, side * 0.13 * up
        joints[thigh], joints[shin] = (hip[0], y_m, hip[1]), (knee[0], foot_y_m, knee[1])
        upper, lower = (thigh, shin) if moving else (Part.BODY, Part.BODY)
        over = (knee[0] + 0.02 * up, foot_y_m, knee[1] - 0.01 * up)
        parts.append(limb([over, (hip[0] - 0.02 * up, y_m, hip[1] - 0.01 * up)],
                          [(0.062 * up, 0.058 * up), (0.092 * up, 0.09 * up)], "rider_trousers", upper))  # fmt: skip
        parts.append(limb([(ankle[0], foot_y_m, ankle[1] - 0.05 * up), (knee[0], foot_y_m, knee[1] + 0.02 * up)],
                          [(0.045 * up, 0.045 * up), (0.06 * up, 0.056 * up)], "rider_trousers", lower))  # fmt: skip
        parts.append(shoe(ankle[0], foot_y_m, ankle[1] - 0.12 * up, 0.27 * up, lower))
        out_m = side * shoulder_y_m
        elbow = (0.5 * (shoulder[0] + grip[0]) - 0.05 * up, out_m + side * 0.06 * up,
                 0.5 * (shoulder[1] + grip[1]) - 0.06 * up)  # fmt: skip
        hand = (grip[0], side * hands_m, grip[1] + 0.01)
        parts.append(limb([elbow, (shoulder[0], out_m, shoulder[1])],
                          [(0.046 * up, 0.043 * up), (0.062 * up, 0.058 * up)], "rider_cloth"))  # fmt: skip
        parts.append(limb([hand, elbow], [(0.034 * up, 0.032 * up), (0.046 * up, 0.043 * up)], "rider_cloth"))
        parts.append(ellipsoid(hand, (0.05 * up, 0.045 * up, 0.045 * up), "rider_skin", around=5, rings=3))
    return parts, joints

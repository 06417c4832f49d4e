"""Flat and sloping grounds, bodies and sheets for tests of motion."""

import numpy as np

from sim.blueprints.blueprint import Body, Driveline, Gear
from sim.episode.ground import Ground
from sim.episode.motion import Motion
from sim.episode.scene import Pose
from sim.episode.structs import (
    GearPhysicsControl,
    Vector2D,
    Vector3D,
    VehicleControl,
    VehiclePhysicsControl,
    WheelPhysicsControl,
)
from sim.scenery.shapes import box, sheet
from sim.scenery.still import Fixture, Piece, tiled
from sim.truth import ActorKind

G = 9.80665
TICK_S = 0.05
DRIVELINE = Driveline(
    torque_curve=((0.0, 200.0), (2000.0, 350.0), (5000.0, 350.0), (6500.0, 250.0)),
    max_rpm=6500.0,
    final_ratio=3.7,
    gears=tuple(Gear(ratio=r, down_ratio=0.3, up_ratio=0.8) for r in (3.6, 2.2, 1.5, 1.1, 0.85)),
    gear_switch_time_s=0.3,
    steering_curve=((0.0, 1.0), (60.0, 0.8), (120.0, 0.6)),
    steer_max_deg=60.0,
    brake_torque_nm=3500.0,
    handbrake_torque_nm=3000.0,
    drag_coefficient=0.3,
    tyre_friction=3.5,
    wheel_radius_m=0.35,
    driven="all",
)
CAR = Body(
    kind=ActorKind.CAR, length_m=4.6, width_m=1.9, height_m=1.5, mass_kg=1600.0, axles_m=(1.4, -1.4), track_m=1.6,
    wheels=4, driveline=DRIVELINE, clearance_m=0.15, centre_m=(0.1, 0.5),
)  # fmt: skip
BIKE = Body(
    kind=ActorKind.MOTORCYCLE, length_m=2.1, width_m=0.8, height_m=1.5, mass_kg=290.0, axles_m=(0.7, -0.7),
    track_m=0.0, wheels=2, driveline=DRIVELINE, centre_m=(0.0, 0.5),
)  # fmt: skip
MAN = Body(kind=ActorKind.ADULT, length_m=0.4, width_m=0.5, height_m=1.8, mass_kg=75.0)
CRATE = Body(kind=ActorKind.DEBRIS, length_m=1.0, width_m=1.0, height_m=1.0, mass_kg=40.0)


def sheet_for(body, **changes):
    """The physics sheet of a body's driveline."""
    line = body.driveline
    wheel = WheelPhysicsControl(
        tire_friction=line.tyre_friction, damping_rate=0.25, max_steer_angle=line.steer_max_deg,
        radius=100.0 * line.wheel_radius_m, max_brake_torque=line.brake_torque_nm, max_handbrake_torque=0.0,
        lat_stiff_max_load=2.0, lat_stiff_value=17.0, long_stiff_value=1000.0, position=Vector3D(0.0, 0.0, 0.0),
    )  # fmt: skip
    rear = wheel._replace(max_steer_angle=0.0, max_handbrake_torque=line.handbrake_torque_nm)
    half = body.wheels // 2
    made = VehiclePhysicsControl(
        torque_curve=tuple(Vector2D(*point) for point in line.torque_curve), max_rpm=line.max_rpm, moi=1.0,
        damping_rate_full_throttle=0.15, damping_rate_zero_throttle_clutch_engaged=2.0,
        damping_rate_zero_throttle_clutch_disengaged=0.35, use_gear_autobox=True,
        gear_switch_time=line.gear_switch_time_s, clutch_strength=10.0, final_ratio=line.final_ratio,
        forward_gears=tuple(GearPhysicsControl(g.ratio, g.down_ratio, g.up_ratio) for g in line.gears),
        mass=body.mass_kg, drag_coefficient=line.drag_coefficient, center_of_mass=Vector3D(0.1, 0.0, -0.2),
        steering_curve=tuple(Vector2D(*point) for point in line.steering_curve),
        wheels=(wheel,) * half + (rear,) * half, use_sweep_wheel_collision=False,
    )  # fmt: skip
    return made._replace(**changes)


def with_friction(sheet_, friction):
    """The same sheet on other tyres."""
    return sheet_._replace(wheels=tuple(wheel._replace(tire_friction=friction) for wheel in sheet_.wheels))


def plane(grade_x=0.0, grade_y=0.0, half_m=3000.0, step_m=3000.0):
    """A plane through the origin, as pieces."""
    pieces = []
    places = np.arange(-half_m, half_m, step_m)
    for x in places:
        for y in places:
            corners = [(x, y), (x + step_m, y), (x + step_m, y + step_m), (x, y + step_m)]
            pieces.append(sheet([(a, b, grade_x * a + grade_y * b) for a, b in corners], "asphalt"))
    return tuple(Piece(mesh=piece, reach_m=1e9) for piece in pieces)


def kerb(x_m=10.0, height_m=0.15, width_m=20.0):
    """A raised slab from x on."""
    mesh = box((x_m, -width_m, -0.5), (x_m + 200.0, width_m, height_m), "paving")
    return Piece(mesh=mesh, reach_m=1e9)


def pole(x_m, y_m=0.0, kind="pole", half_m=0.15, height_m=4.0):
    """A fixture without triangles of its own."""
    return Fixture(
        kind=kind, name="one", x_m=x_m, y_m=y_m, z_m=0.0, yaw_rad=0.0, length_m=2 * half_m, width_m=2 * half_m,
        height_m=height_m,
    )  # fmt: skip


def ground(*more, grade_x=0.0, grade_y=0.0, fixtures=()):
    """Ground of a plane with pieces and fixtures on it."""
    return Ground(tiled((*plane(grade_x, grade_y), *more), tuple(fixtures)))


def motion(*more, **kinds):
    """A motion on such ground."""
    return Motion(ground(*more, **kinds))


def car(moving, x=0.0, y=0.0, yaw=0.0, speed=0.0, z=0.0, entity=0, body=CAR, **changes):
    """Add a car that drives at a speed along its direction."""
    row = moving.add(body, Pose(x, y, z, yaw), sheet_for(body, **changes), entity)
    if speed:
        moving.set_velocity(row, (speed * np.cos(yaw), speed * np.sin(yaw), 0.0))
    return row


def run(moving, seconds, row=None, tick_s=TICK_S, substeps=5, **control):
    """Step for some seconds; with a row and a control, that is applied first. Returns all touches."""
    if row is not None:
        moving.set_control(row, VehicleControl(**control))
    touches = []
    for _ in range(round(seconds / tick_s)):
        touches += moving.step(tick_s, substeps)
    return touches

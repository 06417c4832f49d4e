"""Triangles in a body's own frame, and the parts of it that move.

A triangle is seen from the side on which its corners run counter-clockwise; a sheet seen from both
sides is two sheets. Flat faces have vertices of their own, so that their normals are exact.
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]


class Part(IntEnum):
    """What a vertex belongs to. Everything but BODY swings about its joint as its owner walks or pedals."""

    BODY = 0
    LEFT_THIGH = 1
    RIGHT_THIGH = 2
    LEFT_SHIN = 3  # hangs on the thigh: swings with it, and about the knee
    RIGHT_SHIN = 4
    LEFT_ARM = 5
    RIGHT_ARM = 6


PARTS = len(Part)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Mesh:
    """One body. All arrays are read-only; rows of `joints` (PARTS, 3) are hip, knee and shoulder points, m."""

    vertices: Floats  # (v, 3) m
    normals: Floats  # (v, 3) unit, outward
    parts: Ints  # (v,) Part
    triangles: Ints  # (t, 3) rows of vertices
    materials: Ints  # (t,) rows of MATERIALS
    joints: Floats  # (PARTS, 3) m


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Body:
    """What one actor looks like: its mesh at its own size, and its colour (linear RGB) where a material is tinted."""

    mesh: Mesh
    colour: tuple[float, float, float]
    semantic: int  # class of every material that has none of its own


def frozen(mesh: Mesh) -> Mesh:
    """The same mesh with its arrays read-only and of the declared types."""
    return Mesh(
        vertices=floats(mesh.vertices),
        normals=floats(mesh.normals),
        parts=ints(mesh.parts),
        triangles=ints(mesh.triangles),
        materials=ints(mesh.materials),
        joints=floats(mesh.joints),
    )


def floats(values: ArrayLike) -> Floats:
    """Values as a read-only float32 array."""
    array: Floats = np.ascontiguousarray(values, dtype=np.float32)
    array.setflags(write=False)
    return array


def ints(values: ArrayLike) -> Ints:
    """Values as a read-only int32 array."""
    array: Ints = np.ascontiguousarray(values, dtype=np.int32)
    array.setflags(write=False)
    return array


def merged(*meshes: Mesh) -> Mesh:
    """Several meshes as one; the joints are those of the first."""
    starts = np.cumsum([0, *(len(mesh.vertices) for mesh in meshes[:-1])])
    return frozen(
        Mesh(
            vertices=np.concatenate([mesh.vertices for mesh in meshes]),
            normals=np.concatenate([mesh.normals for mesh in meshes]),
            parts=np.concatenate([mesh.parts for mesh in meshes]),
            triangles=np.concatenate(
                [mesh.triangles + start for mesh, start in zip(meshes, starts.tolist(), strict=True)]
            ).astype(np.int32),
            materials=np.concatenate([mesh.materials for mesh in meshes]),
            joints=meshes[0].joints,
        )
    )


def placed(mesh: Mesh, x_m: float = 0.0, y_m: float = 0.0, z_m: float = 0.0, yaw_rad: float = 0.0) -> Mesh:
    """The mesh turned about the vertical axis and then moved; joints move with it."""
    c, s = float(np.cos(yaw_rad)), float(np.sin(yaw_rad))
    turn = np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])
    shift = np.array([x_m, y_m, z_m])
    return frozen(
        Mesh(
            vertices=(mesh.vertices @ turn.T + shift).astype(np.float32),
            normals=(mesh.normals @ turn.T).astype(np.float32),
            parts=mesh.parts,
            triangles=mesh.triangles,
            materials=mesh.materials,
            joints=(mesh.joints @ turn.T + shift).astype(np.float32),
        )
    )


def scaled(mesh: Mesh, along: float, across: float, up: float) -> Mesh:
    """The mesh stretched along its three axes; normals stay perpendicular."""
    stretch = np.array([along, across, up])
    normals = mesh.normals / stretch
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    return frozen(
        Mesh(
            vertices=(mesh.vertices * stretch).astype(np.float32),
            normals=normals.astype(np.float32),
            parts=mesh.parts,
            triangles=mesh.triangles,
            materials=mesh.materials,
            joints=(mesh.joints * stretch).astype(np.float32),
        )
    )

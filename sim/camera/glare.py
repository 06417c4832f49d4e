"""The survey of a picture in cells of 8 x 8 pixels: what exposure meters and what stray light is made of.

A lens scatters a small share of the light: some of it into a halo about its source, some evenly over
the picture. Both are smooth, so they are computed on the cells and added pixel by pixel by the imager.
The halo is a recursive exponential filter run twice each way in both directions: nearly round.
"""
# ruff: noqa: ANN001, ANN201, ANN202 - numba kernels carry no annotations

from math import sqrt

import numpy as np
from numba import njit

CELL_PX = 8


def cells(size_px: int) -> int:
    """How many cells cover so many pixels."""
    return -(-size_px // CELL_PX)


@njit(cache=True, error_model="numpy")
def survey(radiance, light):  # type: ignore[no-untyped-def]
    """Fill `light` (rows, columns, 3) float32 with each cell's mean radiance, cd/m²."""
    height, width = radiance.shape[0], radiance.shape[1]
    rows, columns = light.shape[0], light.shape[1]
    for i in range(rows):
        top, bottom = i * CELL_PX, min((i + 1) * CELL_PX, height)
        for j in range(columns):
            left, right = j * CELL_PX, min((j + 1) * CELL_PX, width)
            red = np.float32(0.0)
            green = np.float32(0.0)
            blue = np.float32(0.0)
            for v in range(top, bottom):
                for u in range(left, right):
                    red += radiance[v, u, 0]
                    green += radiance[v, u, 1]
                    blue += radiance[v, u, 2]
            share = np.float32(1.0 / ((bottom - top) * (right - left)))
            light[i, j, 0], light[i, j, 1], light[i, j, 2] = red * share, green * share, blue * share


@njit(cache=True, error_model="numpy")
def stray(light, veil, bloom, sigma_cells, width, halo, wide):  # type: ignore[no-untyped-def]
    """Stray light of the survey: `halo` (rows, columns, 3) is worked in, `wide` (rows, width, 3) is the result.

    `wide` is interpolated along the rows only; the imager interpolates between its rows.
    """
    rows, columns = light.shape[0], light.shape[1]
    # Two passes of a two-sided exponential of decay d have the variance 4 d / (1 - d)² (cells²); the mean
    # over a cell adds 1/12, the interpolation between cells 1/6.
    s2 = max(sigma_cells * sigma_cells - 0.25, 0.01)
    decay = np.float32((s2 + 2.0 - 2.0 * sqrt(s2 + 1.0)) / s2)
    fresh = np.float32(1.0) - decay
    part = np.float32(bloom)
    sums = np.zeros(3)
    held = np.empty((max(rows, columns), 3), dtype=np.float32)
    for i in range(rows):
        for j in range(columns):
            for channel in range(3):
                halo[i, j, channel] = light[i, j, channel]
                sums[channel] += light[i, j, channel]
    for _ in range(2):
        for turn in range(2):
            for channel in range(3):
                for i in range(rows):
                    held[i, channel] = halo[i, 0 if turn == 0 else columns - 1, channel]
            for step in range(columns):
                j = step if turn == 0 else columns - 1 - step
                for i in range(rows):  # rows side by side: their filters do not wait for each other
                    for channel in range(3):
                        held[i, channel] = decay * held[i, channel] + fresh * halo[i, j, channel]
                        halo[i, j, channel] = held[i, channel]
        for turn in range(2):
            for j in range(columns):
                for channel in range(3):
                    held[j, channel] = halo[0 if turn == 0 else rows - 1, j, channel]
            for step in range(rows):
                i = step if turn == 0 else rows - 1 - step
                for j in range(columns):
                    for channel in range(3):
                        held[j, channel] = decay * held[j, channel] + fresh * halo[i, j, channel]
                        halo[i, j, channel] = held[j, channel]
    red, green, blue = (
        np.float32(veil * sums[0] / (rows * columns)),
        np.float32(veil * sums[1] / (rows * columns)),
        np.float32(veil * sums[2] / (rows * columns)),
    )
    for u in range(width):
        at = min(max((u + 0.5) / CELL_PX - 0.5, 0.0), columns - 1.0)
        j = min(int(at), columns - 2)
        more = part * np.float32(at - j)
        less = part - more
        for i in range(rows):
            wide[i, u, 0] = red + less * halo[i, j, 0] + more * halo[i, j + 1, 0]
            wide[i, u, 1] = green + less * halo[i, j, 1] + more * halo[i, j + 1, 1]
            wide[i, u, 2] = blue + less * halo[i, j, 2] + more * halo[i, j + 1, 2]

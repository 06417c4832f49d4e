"""Gives NumPy and Matplotlib back two names they have dropped and CARLA's example scripts of 2020 to 2024 still use.

It is put on the path of the scripts by `tests.public_tools.examples`, so that a user's files run as they are:
`numpy.int` went with NumPy 1.24, `matplotlib.cm.get_cmap` with Matplotlib 3.9.
"""

import contextlib
import importlib.util


def _restore_names():
    if importlib.util.find_spec("numpy"):
        import numpy

        if "int" not in vars(numpy):
            numpy.int = int
    if importlib.util.find_spec("matplotlib"):
        import matplotlib
        from matplotlib import cm

        if not hasattr(cm, "get_cmap"):
            cm.get_cmap = matplotlib.colormaps.get_cmap


with contextlib.suppress(ImportError):
    _restore_names()

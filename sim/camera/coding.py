"""From an RGB image to the bytes of a `CameraImage`, and back for whoever looks.

A Bayer image takes of each pixel the one colour its photosite would have: red, green / green, blue.
JPEG and the interpolation of colours are OpenCV's, run on one thread; their bits belong to the
platform's fingerprint through the library's version.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from stack.vocabulary import CameraImage, ImageCoding, MachineryError

Image = NDArray[np.uint8]


def mosaic(image: Image) -> Image:
    """(h, w): the RGGB pattern of an RGB image (h, w, 3) of even sides."""
    pattern = np.empty(image.shape[:2], dtype=np.uint8)
    pattern[0::2, 0::2] = image[0::2, 0::2, 0]
    pattern[0::2, 1::2] = image[0::2, 1::2, 1]
    pattern[1::2, 0::2] = image[1::2, 0::2, 1]
    pattern[1::2, 1::2] = image[1::2, 1::2, 2]
    return pattern


def colours(pattern: Image) -> Image:
    """(h, w, 3): the RGB image interpolated from an RGGB pattern, edge-aware."""
    cv2.setNumThreads(1)
    return np.asarray(cv2.cvtColor(pattern, cv2.COLOR_BayerRGGB2RGB_EA), dtype=np.uint8)


def coded(image: Image, coding: ImageCoding, jpeg_quality: int) -> bytes:
    """The bytes of an RGB image (h, w, 3)."""
    if coding is ImageCoding.RGB8:
        return image.tobytes()
    if coding is ImageCoding.BAYER_RGGB8:
        return mosaic(image).tobytes()
    cv2.setNumThreads(1)
    ok, data = cv2.imencode(".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, jpeg_quality])
    if not ok:
        raise MachineryError(f"an image of {image.shape[1]} x {image.shape[0]} px could not be coded as JPEG")
    return data.tobytes()


def decoded(image: CameraImage) -> Image | None:
    """The RGB image (h, w, 3), or None where the bytes cannot be read (cut short, broken JPEG)."""
    flat = np.frombuffer(image.data, dtype=np.uint8)
    shape = (image.height_px, image.width_px)
    if image.coding is ImageCoding.RGB8:
        return flat.reshape(*shape, 3) if flat.size == shape[0] * shape[1] * 3 else None
    if image.coding is ImageCoding.BAYER_RGGB8:
        return colours(flat.reshape(shape)) if flat.size == shape[0] * shape[1] else None
    cv2.setNumThreads(1)
    try:
        found = cv2.imdecode(flat, cv2.IMREAD_COLOR) if flat.size else None
    except cv2.error:
        return None
    if found is None or found.shape[:2] != shape:
        return None
    return np.asarray(cv2.cvtColor(found, cv2.COLOR_BGR2RGB), dtype=np.uint8)

"""What an imager and its exposure control can do, in physical units, after EMVA 1288's linear camera model.

The default is a 1/2.7 inch automotive sensor of 3 µm pixels (the class of Sony's IMX390 and onsemi's
AR0231) behind an f/1.8 lens, binned 3 x 3: 640 x 360 pixels of 9 µm, so 600 px are 5.4 mm of focal
length. A *site* is one photosite under its colour filter; a pixel of the image is the mean of several.
"""

from dataclasses import dataclass, field
from math import isfinite, pi

from sim.camera.lens import Lens, lens_findings
from stack.vocabulary import Finding, ImageCoding, InputError

# Photons per second, square metre and lux of white light. One lux of daylight is 1 / 54 µmol/(m² s) of
# photons between 400 and 700 nm (Thimijan and Heins, HortScience 18, 1983: recalled), 6.022e17 photons a µmol.
PHOTONS_PER_LXS_M2 = 6.022e17 / 54.0
RED, GREEN, BLUE = 0.2126, 0.7152, 0.0722  # shares of luminance of linear RGB: ITU-R BT.709-6, item 3.2


@dataclass(frozen=True, slots=True, kw_only=True)
class ImagerParameters:
    """Optics, photosites and converter. Figures of a site are input-referred, in electrons."""

    f_number: float = 1.8
    transmission_ratio: float = 0.9
    vignetting_ratio: float = 1.0  # 1: the cosine to the fourth of an ideal lens; 0: corners as bright as the middle
    # Stray light: ISO 9358 measures 1 to 3 % in good lenses (recalled). Own split into a halo and an even veil.
    veil_ratio: float = 0.008
    bloom_ratio: float = 0.012
    bloom_px: float = 12.0  # standard deviation of the halo
    pixel_pitch_m: float = 3.0e-6  # IMX390 and AR0231: 3.0 µm (recalled: confirm)
    binning: int = 3
    # Share of the white light's photons (400 to 700 nm) that become electrons under each filter: a third
    # of the band at a peak efficiency of 0.7 for green (own, from the usual shape of such curves).
    efficiency_red: float = 0.17
    efficiency_green: float = 0.24
    efficiency_blue: float = 0.16
    full_well_e: float = 11_000.0  # of the long capture; 3 µm pixels hold about 10 to 12 ke (recalled: confirm)
    read_noise_e: float = 1.9  # before the amplifier (recalled: 1.5 to 3 e)
    converter_noise_e: float = 2.0  # behind the amplifier, at 0 dB (own)
    dark_current_eps: float = 60.0  # at 60 degrees Celsius (recalled: tens of electrons a second)
    uniformity_ratio: float = 0.01  # PRNU, one standard deviation of sites: 0.5 to 1 % in EMVA sheets (recalled)
    converter_bits: int = 12
    capture_ratio: float = 64.0  # exposure of the long capture over that of the short one (1: one capture only)
    noisy: bool = True  # shot, read and dark noise; pattern noise is `uniformity_ratio`
    tone_scale: float = 1.8  # how far the tone curve lifts the middle (own, by looking)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExposureParameters:
    """Automatic exposure and gain: exposure time first, then gain, towards a level of the long capture."""

    target_ratio: float = 0.16  # metered signal of the long capture over its full scale (own, by looking)
    shortest_s: float = 30e-6  # about one row's time (own)
    longest_s: float = 0.016  # own: a compromise between noise and motion blur by night
    most_gain_db: float = 30.0  # analogue 12 dB and digital 18 dB (recalled: AR0231's order)
    settling_s: float = 0.25  # time constant of the first order (own)
    # A new setting acts two frames after the frame it was computed from: a trade overview of onsemi's AR0132AT
    # has its control set exposure and gain every two frames; registers act from the frame after next (recalled).
    lag_frames: int = 2
    logarithmic: bool = True  # metering by the mean of logarithms, else by the mean
    upper_weight_ratio: float = 0.4  # of the picture's upper third, where the sky is (own)


@dataclass(frozen=True, slots=True, kw_only=True)
class PixelCameraParameters:
    """One pixel camera. `readout_s` is the time between the reading of the first and the last row."""

    lens: Lens = field(default_factory=Lens)
    imager: ImagerParameters = field(default_factory=ImagerParameters)
    exposure: ExposureParameters = field(default_factory=ExposureParameters)
    readout_s: float = 0.010
    blurs: bool = True  # motion during exposure
    mosaic: bool = False  # photosites behind a Bayer pattern, colours interpolated
    coding: ImageCoding = ImageCoding.RGB8
    jpeg_quality: int = 90
    antialias: bool = True


def electrons_per_s(imager: ImagerParameters) -> tuple[float, float, float]:
    """Electrons per second and site on the axis for 1 cd/m² of red, green and blue.

    Illuminance behind a lens focused at infinity: E = pi L T / (4 N²) (camera equation; ISO 12232:2019, annex).
    """
    lx = pi * imager.transmission_ratio / (4.0 * imager.f_number**2)
    photons = lx * PHOTONS_PER_LXS_M2 * imager.pixel_pitch_m**2
    return photons * imager.efficiency_red, photons * imager.efficiency_green, photons * imager.efficiency_blue


def sites(imager: ImagerParameters, mosaic: bool) -> tuple[float, float, float]:
    """How many photosites each channel of an image pixel is the mean of.

    Behind a mosaic a pixel has one colour and all its sites; else the pattern's shares of red, green, blue.
    """
    binned = float(imager.binning**2)
    return (binned, binned, binned) if mosaic else (0.25 * binned, 0.5 * binned, 0.25 * binned)


def read_noise_e(imager: ImagerParameters, gain_db: float) -> float:
    """Noise of reading one site at a gain, in electrons."""
    behind = imager.converter_noise_e / 10.0 ** (gain_db / 20.0)
    return float((imager.read_noise_e**2 + behind**2) ** 0.5)


def checked_camera(parameters: PixelCameraParameters, where: str = "camera") -> PixelCameraParameters:
    """The same parameters if a camera can be made of them; else an InputError with every finding at once."""
    findings = camera_findings(parameters, where)
    if findings:
        raise InputError(findings)
    return parameters


# fmt: off
_RANGES: tuple[tuple[str, str, float, float], ...] = (  # part, field, least, most
    ("imager", "f_number", 0.7, 32.0),
    ("imager", "transmission_ratio", 0.01, 1.0),
    ("imager", "vignetting_ratio", 0.0, 1.0),
    ("imager", "veil_ratio", 0.0, 0.5),
    ("imager", "bloom_ratio", 0.0, 0.5),
    ("imager", "bloom_px", 4.0, 200.0),
    ("imager", "pixel_pitch_m", 0.5e-6, 50e-6),
    ("imager", "binning", 1, 16),
    ("imager", "efficiency_red", 0.001, 1.0),
    ("imager", "efficiency_green", 0.001, 1.0),
    ("imager", "efficiency_blue", 0.001, 1.0),
    ("imager", "full_well_e", 100.0, 1e7),
    ("imager", "read_noise_e", 0.0, 1e4),
    ("imager", "converter_noise_e", 0.0, 1e4),
    ("imager", "dark_current_eps", 0.0, 1e6),
    ("imager", "uniformity_ratio", 0.0, 0.2),
    ("imager", "converter_bits", 8, 16),
    ("imager", "capture_ratio", 1.0, 1024.0),
    ("imager", "tone_scale", 0.01, 100.0),
    ("exposure", "target_ratio", 0.001, 0.9),
    ("exposure", "shortest_s", 1e-6, 1.0),
    ("exposure", "longest_s", 1e-6, 1.0),
    ("exposure", "most_gain_db", 0.0, 60.0),
    ("exposure", "settling_s", 0.0, 60.0),
    ("exposure", "lag_frames", 1, 16),
    ("exposure", "upper_weight_ratio", 0.0, 1.0),
    ("", "readout_s", 0.0, 0.2),
    ("", "jpeg_quality", 1, 100),
)
# fmt: on


def camera_findings(parameters: PixelCameraParameters, where: str = "camera") -> tuple[Finding, ...]:
    """What is wrong with these parameters; empty if nothing."""
    found = list(lens_findings(parameters.lens, f"{where}.lens"))
    for part, name, least, most in _RANGES:
        value = getattr(getattr(parameters, part) if part else parameters, name)
        if not (isfinite(value) and least <= value <= most):
            spot = f"{where}.{part}" if part else where
            found.append(Finding(where=spot, field=name, problem=f"{value}; give {least:g} to {most:g}"))
    if parameters.exposure.longest_s < parameters.exposure.shortest_s:
        found.append(
            Finding(where=f"{where}.exposure", field="longest_s", problem="is less than shortest_s; swap them")
        )
    if _needs_even_sides(parameters) and (parameters.lens.width_px % 2 or parameters.lens.height_px % 2):
        odd = "a Bayer pattern repeats every two pixels; give an even width and height"
        found.append(Finding(where=f"{where}.lens", field="width_px, height_px", problem=odd))
    return tuple(found)


def _needs_even_sides(parameters: PixelCameraParameters) -> bool:
    return parameters.mosaic or parameters.coding is ImageCoding.BAYER_RGGB8

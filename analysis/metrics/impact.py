"""How hard the contact was (m/s)."""

from analysis.metrics.measured import Scalar


def impact_speed_mps(relative_mps: float, contact: bool) -> Scalar:
    """Relative speed at first contact; 0 without contact, so that it compares with a limit."""
    return Scalar(max(relative_mps, 0.0) if contact else 0.0, True)


def delta_v_mps(own_mass_kg: float, other_mass_kg: float, relative_mps: float) -> Scalar:
    """Change of one's own velocity in a plastic central impact: other / (own + other) times the speed.

    Source: conservation of momentum; as used by NHTSA's crash data systems.
    """
    total = own_mass_kg + other_mass_kg
    if own_mass_kg <= 0.0 or other_mass_kg < 0.0:
        return Scalar(0.0, False)
    return Scalar(other_mass_kg / total * relative_mps, True)


def speed_reduction_mps(before_mps: float, relative_before_mps: float, impact_mps: float) -> Scalar:
    """How much relative speed was gone at contact (or in the end) since braking began."""
    return Scalar(min(max(relative_before_mps - impact_mps, 0.0), max(before_mps, 0.0)), before_mps >= 0.0)

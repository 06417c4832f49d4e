"""What the judge measures: pure functions from truth to values with validity, one noun per file.

Imports numpy only; knows no scenario, no record and no stack, draws nothing, stores
nothing. `METRICS` is the table of all of them; `analysis.measurements` applies it to a record.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from analysis.metrics.clearance import minimum_gap_m
from analysis.metrics.false_activations import false_activation_rate_bound, false_activations
from analysis.metrics.impact import delta_v_mps, impact_speed_mps, speed_reduction_mps
from analysis.metrics.measured import Scalar, Series
from analysis.metrics.modified_time_to_collision import modified_time_to_collision_s
from analysis.metrics.post_encroachment_time import post_encroachment_time_s
from analysis.metrics.required_deceleration import (
    brake_threat_number,
    deceleration_to_avoid_crash_mps2,
    required_deceleration_mps2,
)
from analysis.metrics.time_headway import time_headway_s
from analysis.metrics.time_to_collision import time_exposed_s, time_integrated_s2, time_to_collision_s
from analysis.metrics.warning_lead import value_at, warning_lead_s


@dataclass(frozen=True, slots=True)
class Metric:
    """One row of the table: the function, the unit of its value, where it is defined."""

    function: Callable[..., Any]
    unit: str
    source: str


METRICS: dict[str, Metric] = {
    "ttc": Metric(time_to_collision_s, "s", "Hayward 1972; SAE J2944"),
    "mttc": Metric(modified_time_to_collision_s, "s", "Ozbay et al. 2008"),
    "thw": Metric(time_headway_s, "s", "SAE J2944 (time gap)"),
    "drac": Metric(deceleration_to_avoid_crash_mps2, "m/s²", "Cooper and Ferguson 1976"),
    "required_deceleration": Metric(required_deceleration_mps2, "m/s²", "Brännström et al. 2008"),
    "btn": Metric(brake_threat_number, "1", "Brännström et al. 2010"),
    "tet": Metric(time_exposed_s, "s", "Minderhoud and Bovy 2001"),
    "tit": Metric(time_integrated_s2, "s²", "Minderhoud and Bovy 2001"),
    "minimum_gap": Metric(minimum_gap_m, "m", "free distance between outlines"),
    "impact_speed": Metric(impact_speed_mps, "m/s", "UN R131 02 series, tables 1 and 2"),
    "delta_v": Metric(delta_v_mps, "m/s", "conservation of momentum, plastic impact"),
    "speed_reduction": Metric(speed_reduction_mps, "m/s", "relative speed at brake onset minus at contact"),
    "warning_lead": Metric(warning_lead_s, "s", "UN R131 02 series, warning before emergency braking"),
    "ttc_at": Metric(value_at, "s", "TTC interpolated at the warning or at brake onset"),
    "false_activations": Metric(false_activations, "1", "activations before or without a cause"),
    "false_activation_rate_bound": Metric(false_activation_rate_bound, "1/exposure", "Garwood 1936"),
    "pet": Metric(post_encroachment_time_s, "s", "Allen, Shin, Cooper 1978"),
}

__all__ = [
    "METRICS",
    "Metric",
    "Scalar",
    "Series",
    "brake_threat_number",
    "deceleration_to_avoid_crash_mps2",
    "delta_v_mps",
    "false_activation_rate_bound",
    "false_activations",
    "impact_speed_mps",
    "minimum_gap_m",
    "modified_time_to_collision_s",
    "post_encroachment_time_s",
    "required_deceleration_mps2",
    "speed_reduction_mps",
    "time_exposed_s",
    "time_headway_s",
    "time_integrated_s2",
    "time_to_collision_s",
    "value_at",
    "warning_lead_s",
]

"""Measured beside required, in the units of the road."""

import pytest

from analysis.criteria import CriterionKind
from analysis.wording import deciding_number

KIND = CriterionKind


@pytest.mark.parametrize(
    ("kind", "limit", "measured", "words"),
    [
        (KIND.IMPACT_SPEED_AT_MOST, 28.0 / 3.6, 0.0, "impact 0.0 km/h, allowed 28.0"),
        (KIND.NO_CONTACT, 0.0, 5.0, "contact at 18.0 km/h, none allowed"),
        (KIND.NO_CONTACT, 0.0, None, "no contact, none allowed"),
        (KIND.DEMAND_AT_LEAST, 4.0, 5.25, "demand 5.2 m/s², needs 4.0"),
        (KIND.DEMAND_AT_LEAST, 4.0, None, "no braking demand, needs 4.0 m/s²"),
        (KIND.WARNING_BEFORE_BRAKING_AT_LEAST, 0.8, 0.95, "warning 0.95 s before braking, needs 0.80"),
        (KIND.WARNING_BEFORE_BRAKING_AT_LEAST, 0.8, -0.05, "warning 0.05 s after braking, needs 0.80"),
        (KIND.WARNING_NOT_AFTER_BRAKING, 0.0, 0.0, "warning 0.00 s before braking, must not be after"),
        (KIND.NO_COLLISION_WARNING, 0.0, 0.0, "no collision warning, none allowed"),
        (KIND.NO_COLLISION_WARNING, 0.0, 2.0, "collision warnings: 2, none allowed"),
        (KIND.NO_BRAKING, 0.0, 0.0, "no braking, none allowed"),
        (KIND.NO_BRAKING, 0.0, 4.0, "braking 4.0 m/s², none allowed"),
        (KIND.MINIMUM_GAP_AT_LEAST, 0.5, 0.31, "min gap 0.31 m, needs 0.50"),
        (KIND.MINIMUM_GAP_AT_LEAST, 0.5, 0.0, "min gap 0.00 m, needs 0.50"),
    ],
)
def test_a_number_stands_beside_its_requirement(kind, limit, measured, words):
    assert deciding_number(kind, limit, measured) == words


@pytest.mark.parametrize("kind", list(KIND))
@pytest.mark.parametrize("measured", [None, 0.0, 1.5, -1.5])
def test_every_kind_has_words_for_every_number(kind, measured):
    assert deciding_number(kind, 1.0, measured)

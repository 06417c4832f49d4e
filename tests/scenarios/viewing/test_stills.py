"""Stills in a report: the critical moments of a run, through its dash camera."""

from base64 import b64decode

import cv2
import numpy as np

from scenarios.assembly import RunRequest
from scenarios.campaign import Draws, Task, compute
from scenarios.viewing.stills import MOST, SIZE_PX, stills_of
from tests.scenarios.viewing.plays import CAR, run_of


def test_stills_show_the_last_critical_moments_in_order():
    prepared, record, _ = run_of(CAR)
    stills = stills_of(prepared, record)
    assert 1 <= len(stills) <= MOST
    assert [still.at_s for still in stills] == sorted(still.at_s for still in stills)
    assert "emergency braking applied" in [still.label for still in stills]
    for still in stills:
        head, _, text = still.source.partition(",")
        assert head == "data:image/webp;base64"
        image = cv2.imdecode(np.frombuffer(b64decode(text), dtype=np.uint8), cv2.IMREAD_COLOR)
        assert (image.shape[1], image.shape[0]) == SIZE_PX
        assert image.std() > 5.0


def test_a_run_that_is_to_be_drawn_brings_its_stills():
    result = compute(Task(request=RunRequest(scenario=CAR, seed=1), draws=Draws.EVERYTHING))
    assert result.drawing.stills

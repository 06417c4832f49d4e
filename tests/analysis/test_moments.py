"""Critical moments of a run."""

from analysis.moments import all_moments, fault_windows, picture_moments
from stack.vocabulary import Diagnosis, Mode, WarningKind, ns_from_s
from tests.analysis.records import NEVER_CAME, build, fault


def kinds(moments) -> list[str]:
    return [moment.kind for moment in moments]


def test_a_stop_is_pictured_at_warning_braking_and_smallest_gap():
    moments = picture_moments(build(), "lead")
    assert kinds(moments) == ["warning", "braking", "gap"]
    assert [moment.at for moment in moments[:2]] == [ns_from_s(3.5), ns_from_s(4.5)]


def test_a_crash_is_pictured_at_contact():
    moments = picture_moments(build(brake_s=6.5), "lead")
    assert kinds(moments) == ["warning", "braking", "contact"]
    assert moments[-1].label == "contact with lead"


def test_a_run_without_reaction_is_pictured_at_its_start_and_nearest():
    moments = picture_moments(build(brake_s=-1.0, warn_s=-1.0, target_y_m=4.0), "lead")
    assert kinds(moments) == ["functional", "gap"]


def test_the_onset_of_a_fault_is_pictured():
    assert kinds(picture_moments(build(faults=(fault(),)), "lead")) == ["fault", "warning", "braking", "gap"]


def test_partial_braking_is_pictured_as_what_it_is():
    moments = picture_moments(build(demand_mps2=2.0, target_y_m=5.0), "lead")
    assert "braking applied" in [moment.label for moment in moments]


def test_moments_are_in_order_of_time_and_inside_the_run():
    record = build(
        faults=(fault(),),
        diagnoses=((3.1, Diagnosis.CAMERA_FROZEN), (3.2, Diagnosis.CAMERA_FROZEN), (4.0, Diagnosis.SENSORS_DISAGREE)),
        modes=((3.3, Mode.RADAR_ONLY), (6.5, Mode.NOMINAL)),
        told=((3.35, WarningKind.SYSTEM_DEGRADED),),
        deadman_s=(5.0, 5.1),
    )
    moments = all_moments(record)
    assert [m.at for m in moments] == sorted(m.at for m in moments)
    assert all(0 <= moment.at <= record.ended_at for moment in moments)
    labels = [moment.label for moment in moments]
    assert labels.count("diagnosis camera_frozen") == 1
    assert labels.count("deadman holds") == 1
    assert "mode radar_only" in labels


def test_windows_are_cut_at_the_end_and_only_of_faults_that_began():
    record = build(faults=(fault(until_s=100.0), fault(name="radar_blackout", **NEVER_CAME)))
    assert fault_windows(record) == (("camera_freezes", ns_from_s(3.0), record.ended_at),)

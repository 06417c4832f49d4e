"""Every number that decides: braking, agreement of sensors, override, health and ladder.

SI units; spans in seconds. A setting `decision.<field>` of the briefing replaces a field; an
unknown one is refused, all findings at once. Numbers marked *own* are our choice, with the reason
beside them; the others name their public source.
"""

from dataclasses import dataclass

from stack.vocabulary import Briefing, adjusted

EMERGENCY_DEMAND_MPS2 = 4.0  # UN R131 02 series: a demand of at least 4 m/s² is emergency braking
BRAKE_AT_RATIO = 0.70  # of brake_max, own: stops ahead of a car on wet asphalt too (tyre share about 0.55 g)
COMMAND_PATH_S = 0.03  # own: actuation and bus between a decision and the brakes
VRU_BRAKE_AT_RATIO = 0.90  # of brake_max, own: later, because who walks may still stop at the kerb


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """All limits of the decision stage, resolved for one vehicle."""

    # Braking
    active_from_mps: float = 2.5  # UN R131 02: active from 10 km/h (2.78 m/s); less 1 km/h of speedometer tolerance
    brake_at_mps2: float = 4.41  # required deceleration that starts full braking before a vehicle
    vru_brake_at_mps2: float = 5.67  # the same before a pedestrian or cyclist
    full_demand_mps2: float = 6.3  # the vehicle's design maximum, at least EMERGENCY_DEMAND_MPS2
    partial_demand_mps2: float = 1.5  # own: takes up the air brakes' slack; well below 4 m/s² (UN R131)
    partial_lead_s: float = 0.2  # own: one dead time of the brakes before full braking
    partial_slack_s: float = 0.2  # own: jitter of the predicted instant that does not let go again
    partial_longest_s: float = 0.5  # own: a slack take-up that leads to nothing ends
    hold_demand_mps2: float = 4.0  # UN R157 5.5.1: a minimum-risk manoeuvre brakes with at most 4.0 m/s²
    brake_answer_s: float = 0.52  # the vehicle's dead time and lag, and the way of a command to the brakes
    stop_gap_m: float = 1.0  # own: gap to keep when both stand
    stop_gap_s: float = 0.4  # own: at low closing speeds as much of it as closes in this time
    warning_lead_s: float = 0.8  # UN R131 02: warning at latest 0.8 s before emergency braking for vehicles
    hmi_allowance_s: float = 0.2  # own: publication to the driver seeing and hearing it
    warning_margin_s: float = 0.3  # own: jitter of the predicted instant of braking
    vru_warning_lead_s: float = 0.3  # own: UN R131 02 asks only for a warning no later than braking
    warn_below_ttc_s: float = 4.0  # ISO 15623: no warning above 4 s to collision
    last_moment_ratio: float = 0.95  # of full demand, own: beyond it waiting for the warning costs the contact
    unforeseen_closing_mps: float = 1.0  # own: closing speed risen by this since the warning: the other one brakes
    warning_slack_s: float = 0.5  # own: a warning stands while braking is due within its lead and this
    warning_shown_s: float = 1.0  # own: a collision warning stands at least so long and so long past its cause
    resolved_after_s: float = 0.2  # own: the object is seen and no longer closed upon
    gone_after_s: float = 1.0  # own: the object is not seen; near objects leave the sensors' view
    release_below_mps2: float = 1.0  # own: required deceleration that counts as resolved
    release_closing_mps: float = 0.5  # own: closing speed that counts as resolved; a tracker errs by less
    standstill_mps: float = 0.2  # own: wheel-speed sensors read no less
    standstill_hold_s: float = 2.0  # own: keep the brakes on before they are handed back
    following_after_s: float = 0.5  # own: following distance too short for so long; and long enough again
    # Agreement of sensors
    path_keep_ratio: float = 0.3  # own: braking once begun goes on while contact is this likely
    path_warn_ratio: float = 0.5  # own: as likely in the path as not
    path_brake_ratio: float = 0.7  # own
    path_brake_vru_ratio: float = 0.92  # own: who slows down towards the kerb falls below it, who walks on does not
    path_camera_only_ratio: float = 0.8  # own: one witness less, more certainty
    path_radar_only_ratio: float = 0.85  # own: radar places things worse across than along
    path_stationary_ratio: float = 0.9  # own: plates and gantries stand; see `radar_only` in support.py
    support_within_s: float = 0.3  # own: six periods of a 20 Hz sensor
    nominal_camera_count: float = 3.0  # supports within the last half second; at 20 Hz at most 10, as for the next five
    nominal_radar_count: float = 3.0
    nominal_radar_vru_count: float = 1.0  # own: -8 dBm² of an adult fades; the camera carries the case
    camera_only_count: float = 5.0
    radar_only_count: float = 5.0
    radar_only_stationary_count: float = 7.0  # own: of the ten slots of half a second, less latency
    confirm_s: float = 0.05  # own: two fused cycles
    confirm_vru_s: float = 0.1
    confirm_camera_only_s: float = 0.25
    confirm_radar_only_s: float = 0.3
    confirm_stationary_s: float = 1.5
    stationary_below_mps: float = 2.0  # own: over ground; twice the usual error of ego speed and Doppler
    stationary_ttc_s: float = 1.8  # own: a gantry has left the beam, a plate's echo has shrunk
    stationary_y_sigma_m: float = 0.6  # own: a third of a car's width
    withheld_spacing_s: float = 0.2  # own: a withholding reason is told anew at most so often
    hazards_fresh_within_s: float = 0.3  # own: older hazards start nothing new
    # Driver
    override_accelerator_ratio: float = 0.9  # UN R131 5.3: hard accelerator; own number: kick-down
    override_steering_radps: float = 0.35  # own: road-wheel rate of an evasive lane change
    handover_pedal_ratio: float = 0.8  # own: the driver brakes fully himself; ends the minimal-risk reaction only
    override_rearm_s: float = 1.0  # own: after the act has ended
    # Health: sensors
    start_grace_s: float = 0.5  # own: time for the first message after boot
    camera_silent_after_s: float = 0.25  # own: five periods of 20 Hz
    radar_silent_after_s: float = 0.2  # own: four periods of 20 Hz
    motion_silent_after_s: float = 0.2  # own: ten periods of 50 Hz
    frozen_count: float = 3.0  # own: noise makes three equal frames impossible
    motion_frozen_count: float = 15.0  # own: 0.3 s at 50 Hz; noise and quantisation repeat once or twice
    camera_blind_below_ratio: float = 0.4
    radar_blind_below_ratio: float = 0.5
    blind_after_s: float = 0.1  # own: two frames agree
    implausible_after_s: float = 0.1  # own: three messages of a 20 Hz sensor
    degraded_share_ratio: float = 0.4  # own: one frame in ten lost is tolerated
    degraded_window_s: float = 1.0
    degraded_least_count: float = 10.0
    echoless_after_s: float = 0.4  # own: camera vehicles near, radar without a single target
    echoless_within_m: float = 60.0
    disagree_after_s: float = 3.0  # own: longer than any occlusion between the two mounts
    disagree_within_m: float = 40.0
    # Health: host, stack and actuator
    misses_count: float = 5.0  # own: of some 300 jobs per second
    misses_window_s: float = 1.0
    killed_memory_s: float = 0.5  # own: a hung stage is killed again within this
    output_stale_after_s: float = 0.3
    restart_quiet_s: float = 0.2  # own: wait for the actuator's word before the first request after a restart
    refusals_count: float = 3.0
    refusals_window_s: float = 0.5
    commands_lost_after_s: float = 0.3  # own: six cycles of actuator status
    status_silent_after_s: float = 0.5
    weak_demand_mps2: float = 3.0
    weak_ratio: float = 0.5
    weak_after_s: float = 0.6  # UN R13 Annex 6: 75 % of the final pressure within 0.6 s
    weak_for_s: float = 0.2  # own: beside the time of UN R13, transport and measurement
    weak_above_mps: float = 2.0  # own: near standstill wheel speeds say little
    strong_ratio: float = 0.7  # own: deceleration that takes the diagnosis back
    # Healthy time that takes a diagnosis back
    sensor_dwell_s: float = 1.0
    commands_dwell_s: float = 1.0
    timing_dwell_s: float = 2.0
    disagree_dwell_s: float = 2.0
    restart_dwell_s: float = 0.5


def thresholds_for(briefing: Briefing) -> Thresholds:
    """The thresholds of this vehicle with the briefing's settings; InputError names every unknown one."""
    derived = Thresholds(
        brake_at_mps2=BRAKE_AT_RATIO * briefing.brake_max_mps2,
        vru_brake_at_mps2=VRU_BRAKE_AT_RATIO * briefing.brake_max_mps2,
        brake_answer_s=COMMAND_PATH_S + briefing.brake_dead_time_s + briefing.brake_lag_s,
        full_demand_mps2=max(briefing.brake_max_mps2, EMERGENCY_DEMAND_MPS2),
    )
    return adjusted(derived, "decision", briefing.settings)

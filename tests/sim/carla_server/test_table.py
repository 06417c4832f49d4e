"""The table of calls: complete, and the README's table is the one that is printed from it."""

from pathlib import Path

from sim.carla_server.calls import Depth
from sim.carla_server.calls_batch import AUTOPILOT, COMMANDS, CONSOLE, DESTROY, SPAWN
from sim.carla_server.table import CALLS, SUBJECTS, printed

README = Path(__file__).parents[3] / "README.md"
# What the genuine 0.9.16 client was seen to call, or has as a call in its binary.
SEEN = """
    version get_episode_info get_episode_settings set_episode_settings tick_cue get_map_info get_map_data
    get_available_maps load_new_episode copy_opendrive_to_file load_map_layer unload_map_layer get_required_files
    request_file get_navigation_mesh get_sensor_token get_weather_parameters set_weather_parameters get_imui_gravity
    set_imui_gravity get_environment_objects enable_environment_objects get_all_level_BBs get_names_of_all_objects
    apply_color_texture_to_objects apply_float_color_texture_to_objects set_annotations_traverse_translucency
    project_point cast_ray query_lights_state update_lights_state update_day_night_cycle draw_debug_shape
    clear_debug_shape clear_debug_string get_actor_definitions get_spectator get_actors_by_id spawn_actor
    spawn_actor_with_parent destroy_actor apply_batch set_actor_location set_actor_transform set_actor_target_velocity
    set_actor_target_angular_velocity enable_actor_constant_velocity disable_actor_constant_velocity add_actor_impulse
    add_actor_force add_actor_angular_impulse add_actor_torque add_actor_impulse_at_location
    add_actor_force_at_location set_actor_simulate_physics set_actor_collisions set_actor_enable_gravity
    set_actor_dead get_actor_bounding_box get_actor_component_world_transform get_actor_component_relative_transform
    get_actor_bone_world_transforms get_actor_bone_relative_transforms get_actor_socket_world_transforms
    get_actor_socket_relative_transforms get_vehicle_bone_world_transforms get_actor_component_names
    get_actor_bone_names get_actor_socket_names enable_sensor_for_ros disable_sensor_for_ros is_sensor_enabled_for_ros
    send enable_gbuffers are_gbuffers_enabled get_gbuffer_token apply_control_to_vehicle
    apply_ackermann_control_to_vehicle get_ackermann_controller_settings apply_ackermann_controller_settings
    get_physics_control apply_physics_control get_telemetry_data show_vehicle_debug_telemetry get_vehicle_light_state
    set_vehicle_light_state get_vehicle_light_states open_vehicle_door close_vehicle_door set_wheel_steer_direction
    get_wheel_steer_angle set_wheel_pitch_angle get_wheel_pitch_angle enable_carsim use_carsim_road
    enable_chrono_physics restore_physx_physics apply_control_to_walker get_bones_transform set_bones_transform
    blend_pose get_pose_from_animation set_traffic_light_state set_traffic_light_green_time
    set_traffic_light_yellow_time set_traffic_light_red_time freeze_all_traffic_lights freeze_traffic_light
    reset_traffic_light_group reset_all_traffic_lights get_group_traffic_lights get_light_boxes start_recorder
    stop_recorder show_recorder_file_info show_recorder_collisions show_recorder_actors_blocked replay_file
    stop_replayer set_replayer_time_factor set_replayer_ignore_hero set_replayer_ignore_spectator
    is_traffic_manager_running get_traffic_manager_running add_traffic_manager_running destroy_traffic_manager
    set_ignored_vehicles
"""


def test_every_call_the_client_has_is_in_the_table():
    assert set(SEEN.split()) - set(CALLS) == set()


def test_no_call_is_answered_in_two_places():
    assert sum(len(calls) for _, calls in SUBJECTS) == len(CALLS)


def test_whatever_does_not_work_wholly_says_what_is_missing():
    assert [call.name for call in CALLS.values() if call.depth is not Depth.FULL and not call.note] == []


def test_every_command_of_a_batch_is_answered():
    assert set(COMMANDS) | {SPAWN, DESTROY, CONSOLE} == set(range(22))
    assert AUTOPILOT in COMMANDS


def test_the_readme_shows_the_table_as_it_is():
    assert printed() in README.read_text(encoding="utf-8")

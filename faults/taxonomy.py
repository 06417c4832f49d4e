"""The id space of faults: what can go wrong with a driving function, by domain and part.

One row per kind of fault, in the order data flows; an id reads domain.part.fault. A fault file names
the row it plays. `source` is the public text the kind was taken from. Rows without a fault file in
the library are known and not yet played; they keep their ids.
"""

from typing import NamedTuple

BUS = "ISO 26262-5:2018 Annex D and ISO 26262-6:2018 Annex D (communication faults); AUTOSAR E2E profiles"
PARTS = "ISO 26262-5:2018 Annex D (failure modes of sensors, actuators and processing units)"
IMAGES = "Hendrycks and Dietterich 2019, ImageNet-C (15 + 4 corruptions at 5 severities)"
VIEWS = "Xie et al. 2023, RoboBEV (8 corruptions)"
AVFI = "Jha et al. 2018, AVFI: Fault Injection for Autonomous Vehicles"
CLOUDS = "Kong et al. 2023, Robo3D (lidar corruptions)"
TRAFFIC = "Linux traffic control, netem (delay, jitter, loss, duplication, corruption, reordering)"
WEIGHTS = "Mahmoud et al. 2020, PyTorchFI; Jha et al. 2019, DriveFI"
HUMAN = "UN R131 and UN R152 (driver override); ISO 26262-3:2018 (controllability)"
SOTIF = "ISO 21448:2022 Annex B (triggering conditions)"
UPDATE = "ISO 24089:2023 (software update engineering)"
PLATES = "NHTSA AEB test procedure (steel trench plate)"
PAUSES = "onnxruntime issue 13366 (effect of pauses)"
CODING = "Bosch CAN 2.0; SAE J1939-21 and -71"


class TaxonomyRow(NamedTuple):
    """One kind of fault."""

    taxonomy_id: str
    says: str
    source: str


ROWS: tuple[TaxonomyRow, ...] = (
    TaxonomyRow("camera.optics.dirt", "dirt spread over the lens", AVFI),
    TaxonomyRow("camera.optics.water_drops", "drops on the lens", AVFI),
    TaxonomyRow("camera.optics.mud_film", "a film of mud", AVFI),
    TaxonomyRow("camera.optics.scratches", "a scratched window", AVFI),
    TaxonomyRow("camera.optics.blockage", "part or all of the image covered", AVFI),
    TaxonomyRow("camera.optics.fog_on_lens", "condensation takes contrast", VIEWS),
    TaxonomyRow("camera.optics.sun_glare", "low sun saturates part of the image", SOTIF),
    TaxonomyRow("camera.optics.flare", "stray light from a source outside the picture", SOTIF),
    TaxonomyRow("camera.optics.ghosting", "a reflection seen as an object", SOTIF),
    TaxonomyRow("camera.optics.defocus", "out of focus", IMAGES),
    TaxonomyRow("camera.optics.vibration_blur", "blurred by vibration", IMAGES),
    TaxonomyRow("camera.imager.dead_pixels", "dead or hot pixels and rows", PARTS),
    TaxonomyRow("camera.imager.frozen_frame", "the same frame again under fresh stamps", "openpilot issue 20323"),
    TaxonomyRow("camera.imager.black_frame", "a black or white frame", VIEWS),
    TaxonomyRow("camera.imager.dropped_frame", "single frames or bursts are lost", VIEWS),
    TaxonomyRow("camera.imager.silent", "no frames at all", VIEWS),
    TaxonomyRow("camera.imager.duplicated_id", "a frame number repeats", "openpilot issue 20323"),
    TaxonomyRow("camera.imager.banding", "rolling bands under pulsed light", PARTS),
    TaxonomyRow("camera.imager.exposure_step", "exposure jumps", IMAGES),
    TaxonomyRow("camera.imager.gain_hunting", "gain swings to and fro", IMAGES),
    TaxonomyRow("camera.imager.white_balance", "wrong white balance", IMAGES),
    TaxonomyRow("camera.imager.bit_depth", "fewer bits per pixel", VIEWS),
    TaxonomyRow("camera.imager.channel_swap", "colour channels swapped", PARTS),
    TaxonomyRow("camera.imager.stamp_offset", "time stamps are off", PARTS),
    TaxonomyRow("camera.output.compression", "the picture is compressed too hard", IMAGES),
    TaxonomyRow("camera.output.bit_errors", "bits of the coded picture flip", BUS),
    TaxonomyRow("camera.output.late", "frames or lists come late", TRAFFIC),
    TaxonomyRow("camera.output.out_of_order", "frames or lists come in the wrong order", BUS),
    TaxonomyRow("camera.output.corrupt_list", "numbers in the object list are garbage", WEIGHTS),
    TaxonomyRow("camera.output.ghost", "an object that is not there", WEIGHTS),
    TaxonomyRow("camera.geometry.mis_mount", "mounted off its direction", PARTS),
    TaxonomyRow("camera.geometry.extrinsic_drift", "calibration drifts", PARTS),
    TaxonomyRow("camera.geometry.temperature_focus", "focus moves with temperature", PARTS),
    TaxonomyRow("camera.geometry.mirrored", "the image is mirrored", PARTS),
    TaxonomyRow("environment.weather.rain", "rain", SOTIF),
    TaxonomyRow("environment.weather.snow", "snow", SOTIF),
    TaxonomyRow("environment.weather.fog", "fog", SOTIF),
    TaxonomyRow("environment.weather.spray", "spray behind trucks", SOTIF),
    TaxonomyRow("environment.light.night", "darkness", "UN R152 (minimum illuminance of tests); FMVSS 127"),
    TaxonomyRow("environment.light.low_sun", "low sun", SOTIF),
    TaxonomyRow("environment.light.tunnel_exit", "a step of brightness", SOTIF),
    TaxonomyRow("lidar.returns.point_loss", "points are missing", CLOUDS),
    TaxonomyRow("lidar.returns.range_noise", "noisy ranges", CLOUDS),
    TaxonomyRow("lidar.returns.ghost", "points of nothing", CLOUDS),
    TaxonomyRow("lidar.returns.crosstalk", "another lidar's pulses", CLOUDS),
    TaxonomyRow("lidar.returns.backscatter", "rain or fog reflects", CLOUDS),
    TaxonomyRow("lidar.scan.sector_block", "a sector is blocked", CLOUDS),
    TaxonomyRow("lidar.scan.motion_distortion", "the scan is not corrected for motion", CLOUDS),
    TaxonomyRow("lidar.output.late", "clouds come late", TRAFFIC),
    TaxonomyRow("radar.detection.missed", "an object gives no detection", PARTS),
    TaxonomyRow("radar.detection.ghost", "multipath shows what is not there", SOTIF),
    TaxonomyRow("radar.detection.clutter", "road and rail echoes", SOTIF),
    TaxonomyRow("radar.detection.structure_echo", "a tunnel or bridge as an obstacle", SOTIF),
    TaxonomyRow("radar.detection.plate_echo", "a steel plate as an obstacle", PLATES),
    TaxonomyRow("radar.front_end.interference", "other radars raise the noise floor", SOTIF),
    TaxonomyRow("radar.front_end.blockage", "snow or mud on the cover", SOTIF),
    TaxonomyRow("radar.front_end.bias", "angle or range is off", PARTS),
    TaxonomyRow("radar.output.silent", "no scans at all", PARTS),
    TaxonomyRow("radar.output.dropped", "single scans are lost", TRAFFIC),
    TaxonomyRow("radar.output.frozen", "the same scan again under fresh stamps", BUS),
    TaxonomyRow("radar.output.late", "scans come late", TRAFFIC),
    TaxonomyRow("odometry.value.bias", "speed or yaw rate is off", PARTS),
    TaxonomyRow("odometry.value.drift", "an offset that grows", PARTS),
    TaxonomyRow("odometry.value.frozen", "the value stands still", PARTS),
    TaxonomyRow("odometry.value.wheel_slip", "wheel speed is not vehicle speed", SOTIF),
    TaxonomyRow("odometry.output.silent", "no motion messages", BUS),
    TaxonomyRow("gnss.position.outage", "no fix", PARTS),
    TaxonomyRow("gnss.position.jump", "the position jumps", PARTS),
    TaxonomyRow("gnss.position.spoof", "a false position is sent to us", SOTIF),
    TaxonomyRow("gnss.position.multipath", "reflections shift the position", SOTIF),
    TaxonomyRow("inertial.value.bias", "a bias jumps", PARTS),
    TaxonomyRow("inertial.value.frozen", "the value stands still", PARTS),
    TaxonomyRow("can.bus.bus_off", "a node leaves the bus", CODING),
    TaxonomyRow("can.bus.babbling_idiot", "a node never stops talking", CODING),
    TaxonomyRow("can.bus.arbitration_starvation", "low priorities never get through", CODING),
    TaxonomyRow("can.bus.error_frames", "error frames", CODING),
    TaxonomyRow("can.message.loss", "messages are lost", BUS),
    TaxonomyRow("can.message.delay", "messages are delayed", BUS),
    TaxonomyRow("can.message.repetition", "messages repeat", BUS),
    TaxonomyRow("can.message.insertion", "messages nobody sent (replay)", BUS),
    TaxonomyRow("can.message.wrong_order", "messages in the wrong order", BUS),
    TaxonomyRow("can.message.corruption", "contents and checksum disagree", BUS),
    TaxonomyRow("can.message.stuck_counter", "the counter stands still", BUS),
    TaxonomyRow("can.message.masquerade", "a wrong source address", BUS),
    TaxonomyRow("can.message.asymmetric", "not all receivers get the same", BUS),
    TaxonomyRow("can.message.blocked_access", "no access to the medium", BUS),
    TaxonomyRow("can.message.database_mismatch", "sender and receiver read the signal differently", CODING),
    TaxonomyRow("network.path.delay", "a fixed delay", TRAFFIC),
    TaxonomyRow("network.path.jitter", "a varying delay", TRAFFIC),
    TaxonomyRow("network.path.loss", "random loss", TRAFFIC),
    TaxonomyRow("network.path.burst_loss", "loss in bursts", "Gilbert 1960; Elliott 1963"),
    TaxonomyRow("network.path.reorder", "reordering", TRAFFIC),
    TaxonomyRow("network.path.duplicate", "duplication", TRAFFIC),
    TaxonomyRow("network.path.corruption", "corruption", TRAFFIC),
    TaxonomyRow("network.path.rate_limit", "too little bandwidth", TRAFFIC),
    TaxonomyRow("network.path.partition", "no way through", TRAFFIC),
    TaxonomyRow("network.path.asymmetric", "one direction fails", TRAFFIC),
    TaxonomyRow("network.names.resolution", "names do not resolve", TRAFFIC),
    TaxonomyRow("compute.load.overload", "too much work for the cores", PARTS),
    TaxonomyRow("compute.load.memory_pressure", "too little memory, swapping", PARTS),
    TaxonomyRow("compute.load.contention", "caches, bandwidth or the accelerator are shared", PARTS),
    TaxonomyRow("compute.load.thermal_throttle", "the clock falls with temperature", PARTS),
    TaxonomyRow("compute.timing.latency_spike", "now and then a job takes far longer", PAUSES),
    TaxonomyRow("compute.timing.priority_inversion", "a low priority holds a high one up", PARTS),
    TaxonomyRow("compute.process.crash", "the process dies", PARTS),
    TaxonomyRow("compute.process.hang", "a job never ends", PARTS),
    TaxonomyRow("compute.process.leak", "a slow leak", PARTS),
    TaxonomyRow("compute.clock.step", "the clock jumps", PARTS),
    TaxonomyRow("compute.clock.drift", "the clock runs fast or slow", PARTS),
    TaxonomyRow("compute.clock.leap", "a leap second", PARTS),
    TaxonomyRow("compute.storage.disk_full", "the disk is full", PARTS),
    TaxonomyRow("compute.storage.log_stall", "logging blocks", PARTS),
    TaxonomyRow("model.weights.bit_flip", "bits flip in weights", WEIGHTS),
    TaxonomyRow("model.activations.bit_flip", "bits flip in activations", WEIGHTS),
    TaxonomyRow("model.output.not_a_number", "NaN or infinity", WEIGHTS),
    TaxonomyRow("model.bundle.stale", "an old version", UPDATE),
    TaxonomyRow("model.bundle.wrong_calibration", "the calibration of another vehicle", UPDATE),
    TaxonomyRow("model.bundle.wrong_labels", "a wrong label map", UPDATE),
    TaxonomyRow("model.bundle.precision_change", "another numeric precision", WEIGHTS),
    TaxonomyRow("model.quality.silent_loss", "accuracy falls unnoticed", WEIGHTS),
    TaxonomyRow("model.input.adversarial_patch", "a pattern made to deceive", "Brown et al. 2017, Adversarial Patch"),
    TaxonomyRow("model.input.drift", "inputs unlike the training set", SOTIF),
    TaxonomyRow("actuator.brake.stuck", "stays where it is", PARTS),
    TaxonomyRow("actuator.brake.delayed", "answers late", PARTS),
    TaxonomyRow("actuator.brake.partial", "gives only part of the demand", PARTS),
    TaxonomyRow("actuator.brake.asymmetric", "pulls to one side", PARTS),
    TaxonomyRow("actuator.brake.fade", "fades with heat", "UN R13 Annex 4 (type I and II tests)"),
    TaxonomyRow("actuator.brake.circuit_lost", "one circuit fails", "UN R13 Annex 4 (secondary braking)"),
    TaxonomyRow("actuator.brake.wrong_sign", "acts the wrong way", PARTS),
    TaxonomyRow("actuator.brake.anti_lock_limit", "the anti-lock system takes pressure away", "UN R13 Annex 13"),
    TaxonomyRow("actuator.brake.dead_time", "a longer dead time", "UN R13 Annex 6"),
    TaxonomyRow("actuator.brake.low_air", "air pressure is low", "UN R13 Annex 7"),
    TaxonomyRow("human.driver.no_reaction", "the driver does not react", HUMAN),
    TaxonomyRow("human.driver.late", "the driver reacts late", HUMAN),
    TaxonomyRow("human.driver.panic_steer", "the driver jerks the wheel", HUMAN),
    TaxonomyRow("human.driver.override", "the driver overrides", HUMAN),
    TaxonomyRow("human.alert.muted", "the warning does not reach the driver", HUMAN),
    TaxonomyRow("rollout.version.bad_share", "a bad version for part of the fleet", UPDATE),
    TaxonomyRow("rollout.version.half_updated", "a half-updated fleet", UPDATE),
    TaxonomyRow("rollout.version.rollback_race", "rollback and update race", UPDATE),
    TaxonomyRow("rollout.registry.unreachable", "the registry is unreachable", UPDATE),
    TaxonomyRow("rollout.settings.skew", "settings and version do not fit", UPDATE),
)

TAXONOMY: dict[str, TaxonomyRow] = {row.taxonomy_id: row for row in ROWS}

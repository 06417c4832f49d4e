"""Runs CARLA's own example scripts, as a user has them, against our server and says of each what happened.

    make carla-examples SRC=/opt/carla/PythonAPI

Each script gets a fresh server and a folder of its own to write into, without a screen; those that never end are
interrupted as by Ctrl-C. It counts as `ran` when it said what it says when it works, ended in an orderly way and
neither it nor the server reported an error. Exit code 0: all that could run ran; 1: one failed; 2: none could be run.
"""

import argparse
import contextlib
import dataclasses
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.public_tools.programs import MEND, Served, client_python, free_port, is_free, missing

HERE = Path(__file__).resolve().parent
BUILT_IN_PORT = 2000  # CARLA's, in scripts that take no --port
MAP = "quarter"  # the scripts take for granted, as CARLA's towns have it, that no road ends
TRAFFIC_MANAGER_PORT = 8000  # carla.Client.get_trafficmanager's default
SAID_AT_THE_END = re.compile(r"served (\d+) frames")


@dataclasses.dataclass(frozen=True)
class Script:
    """How one script is run: its words, how long it is left alone, and what it says when it works."""

    file: str
    words: str = ""
    seconds: float = 10.0
    ends: bool = False
    says: str = ""
    packages: str = ""
    port_built_in: bool = False
    settings: str = ""  # further words, that only name this way of running it


SCREEN = "pygame numpy"
AGENTS = f"{SCREEN} networkx shapely"
TO = "--host 127.0.0.1 --port {port}"
CAR = f"{TO} --res 640x360 --seed 1 --loop --generation All --filter vehicle.tesla.model3"
SCRIPTS = (
    Script("generate_traffic.py", f"{TO} -n 30 -w 15 -s 1 --seedw 1", 15, packages="numpy",
           says=r"spawned (2[5-9]|30) vehicles and 1\d walkers"),
    Script("generate_traffic.py", f"{TO} -n 10 -w 0", 10, packages="numpy", settings="--asynch",
           says=r"spawned (9|10) vehicles"),
    Script("synchronous_mode.py", seconds=15, packages=SCREEN, port_built_in=True),
    Script("lidar_to_camera.py", f"{TO} --frames 20", 60, ends=True, packages="numpy PIL matplotlib",
           says=r"\(19/20\)"),
    Script("no_rendering_mode.py", f"{TO} --no-rendering", 30, packages=SCREEN),
    Script("automatic_control.py", CAR, 20, packages=AGENTS, settings="--sync --agent Behavior"),
    Script("automatic_control.py", CAR, 20, packages=AGENTS, settings="--sync --agent Basic"),
    Script("automatic_control.py", CAR, 20, packages=AGENTS, settings="--sync --agent Constant"),
    Script("sensor_synchronization.py", seconds=10, port_built_in=True, says=r"Sensor: radar02"),
    Script("dynamic_weather.py", f"{TO} --speed 20", 10, says=r"Storm\("),
    Script("tutorial.py", seconds=60, ends=True, port_built_in=True,
           says=r"created sensor.camera.depth[\s\S]*done\."),
    Script("vehicle_gallery.py", seconds=20, port_built_in=True, says=r"vehicle\..*\nvehicle\."),
    Script("vehicle_physics.py", TO, 30, ends=True),
    Script("start_recording.py", f"{TO} -n 5 -t 4 -f drive.log", 40, ends=True, says=r"spawned 5 vehicles"),
    Script("draw_skeleton.py", f"{TO} --fov 60", 10, packages=SCREEN),
    Script("client_bounding_boxes.py", seconds=12, packages=SCREEN, port_built_in=True),
    Script("visualize_multiple_sensors.py", f"{TO} --sync", 20, packages=SCREEN),
    Script("manual_control.py", f"{TO} --res 640x360 --sync --autopilot", 20, packages=SCREEN),
)  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What happened to one script."""

    script: str
    status: str
    reason: str = ""
    seconds: float = 0.0
    frames: int = 0
    said: str = ""


def tried(script, folder, python):
    """Run one script of this PythonAPI folder."""
    name = " ".join((script.file, script.settings)).strip()
    reason = _why_not(script, folder / "examples" / script.file, python)
    if reason:
        return Outcome(name, "skipped", reason)
    port = BUILT_IN_PORT if script.port_built_in else free_port()
    with tempfile.TemporaryDirectory() as scratch:
        server = Served(port, "--map", MAP, "--recordings", Path(scratch) / "recordings")
        try:
            began = time.monotonic()
            status, reason, said = _played(script, folder, python, port, Path(scratch))
            seconds = time.monotonic() - began
            alive = server.lives()
        finally:
            served = server.stop()
    if not alive or "traceback" in served.lower():
        status, reason, said = "failed", "the server reported an error" if alive else "the server ended", served
    frames = SAID_AT_THE_END.search(served)
    return Outcome(name, status, reason, round(seconds, 1), int(frames[1]) if frames else 0, said[-2000:])


def _why_not(script, path, python):
    if not path.is_file():
        return "the script is not there"
    lacking = missing(python, ("carla", *script.packages.split()))
    if lacking:
        return f"{python} lacks {', '.join(lacking)}: {MEND}"
    taken = [port for port in (BUILT_IN_PORT, BUILT_IN_PORT + 1) if script.port_built_in and not is_free(port)]
    if "get_trafficmanager" in path.read_text(errors="replace") and not is_free(TRAFFIC_MANAGER_PORT):
        taken.append(TRAFFIC_MANAGER_PORT)
    return f"port {taken[0]}, which it has built in, is taken" if taken else ""


def _played(script, folder, python, port, scratch):
    """Status, reason and output of the script itself."""
    words = f"{script.words} {script.settings}".format(port=port).split()
    path = os.pathsep.join(map(str, (HERE / "old_names", folder / "carla")))
    environment = {
        **os.environ, "PYTHONPATH": path, "PYTHONUNBUFFERED": "1", "HOME": str(scratch),
        "SDL_VIDEODRIVER": "dummy", "SDL_AUDIODRIVER": "dummy",
    }  # fmt: skip
    output = scratch / "output.txt"
    with output.open("wb") as out:
        process = subprocess.Popen(
            [python, folder / "examples" / script.file, *words], stdin=subprocess.DEVNULL, stdout=out, stderr=out,
            cwd=scratch, env=environment, start_new_session=True,
        )  # fmt: skip
        ended = _waited(process, script.seconds)
        if not ended:
            process.send_signal(signal.SIGINT)
        orderly = ended or _waited(process, 20.0)
        if not orderly:
            process.kill()
            process.wait()
    said = output.read_text(errors="replace")
    return *_judged(script, process.returncode, ended, orderly, said), said


def _waited(process, seconds):
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(seconds)
    return process.poll() is not None


def _judged(script, code, ended, orderly, said):
    interrupted = said.rstrip().endswith("KeyboardInterrupt")
    if not orderly:
        return "failed", "it did not end after Ctrl-C"
    if ended and not script.ends:
        return "failed", f"it ended by itself with exit code {code}"
    if script.ends and not ended:
        return "failed", f"it did not end within {script.seconds:g} s"
    if code == -signal.SIGABRT and script.says and re.search(script.says, said):
        # Threads of carla.TrafficManager that a script leaves running: the work is done, the interpreter is ending.
        return "ran", "the CARLA client aborted as the script ended"
    if code not in (0, 130, -signal.SIGINT) and not (code == 1 and interrupted):
        return "failed", f"exit code {code}"
    if "Traceback" in said and not interrupted:
        return "failed", "it reported an error"
    if script.says and not re.search(script.says, said):
        return "failed", "it did not say what it says when it works"
    return "ran", ""


def line(outcome):
    """One line for a person; of a failure also the last lines it said."""
    if outcome.status == "skipped":
        return f"skipped  {outcome.script:50} {outcome.reason}"
    text = f"{outcome.status:8} {outcome.script:50} {outcome.seconds:5.1f} s, {outcome.frames} frames"
    if outcome.status == "ran":
        return f"{text}{outcome.reason and ': '}{outcome.reason}"
    last = "\n".join(f"         | {each}" for each in outcome.said.strip().splitlines()[-8:])
    return f"{text}: {outcome.reason}\n{last}"


def exit_code(outcomes):
    """0 all that could run ran, 1 one failed, 2 none could be run."""
    states = {outcome.status for outcome in outcomes}
    return 1 if "failed" in states else 0 if "ran" in states else 2


def main(arguments=None):
    """The command; returns its exit code."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("folder", type=Path, help="a PythonAPI folder of CARLA 0.9.16, with examples/ and carla/agents/")
    asked.add_argument("--python", type=Path, default=client_python(), help="the Python that runs the scripts")
    asked.add_argument("--only", default="", help="only scripts whose name or settings contain this")
    asked.add_argument("--json", action="store_true", help="one JSON document instead of lines")
    given = asked.parse_args(arguments)
    folder = given.folder.resolve()
    if not (folder / "examples").is_dir():
        sys.stderr.write(f"{given.folder} has no folder examples: name the PythonAPI folder of a CARLA you have\n")
        return 2
    outcomes = []
    for script in SCRIPTS:
        if given.only in f"{script.file} {script.settings}":
            outcomes.append(tried(script, folder, given.python))
            if not given.json:
                sys.stdout.write(f"{line(outcomes[-1])}\n")
                sys.stdout.flush()
    unknown = sorted({path.name for path in (folder / "examples").glob("*.py")} - {script.file for script in SCRIPTS})
    outcomes += [Outcome(name, "skipped", "no words for it are known here") for name in unknown if not given.only]
    if given.json:
        json.dump({"scripts": [dataclasses.asdict(outcome) for outcome in outcomes]}, sys.stdout, indent=1)
    else:
        sys.stdout.writelines(f"{line(outcome)}\n" for outcome in outcomes if outcome.script in unknown)
    return exit_code(outcomes)


if __name__ == "__main__":
    sys.exit(main())

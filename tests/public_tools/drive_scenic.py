"""Runs one Scenic file in Scenic's own environment and prints what came of it as one JSON object.

It imports nothing of this project: it is a user's program, and the server is another process.

    .venv-scenic/bin/python drive_scenic.py FILE.scenic --port 2000 --count 2 --seed 1
"""

import argparse
import json
import math
import random  # noqa: TID251 (what Scenic itself draws from, seeded as its own --seed does)
import sys
import time

import numpy
import scenic
from scenic.core.simulators import SimulationCreationError


def driven(file, port, count, seed):
    """Compile the file, then simulate `count` of its scenes against the server on this port."""
    random.seed(seed)
    numpy.random.seed(seed)
    began = time.perf_counter()
    scenario = scenic.scenarioFromFile(str(file), params={"port": port}, mode2D=True)
    simulator = scenario.getSimulator()
    ready = time.perf_counter()
    simulations, draws, refused = [], 0, 0
    try:
        while len(simulations) < count and refused < 3 * count:
            scene, tries = scenario.generate(maxIterations=500)
            draws += tries
            try:
                simulation = simulator.simulate(scene, maxIterations=1, maxSteps=400)
            except SimulationCreationError as problem:
                simulation, why = None, str(problem)
            else:
                why = "rejected by its own requirements"
            if simulation is None:
                refused += 1
                sys.stderr.write(f"not simulated: {why}\n")
                continue
            simulations.append(told(simulation.result))
    finally:
        simulator.destroy()
    return {
        "simulations": simulations,
        "scenes_drawn": draws,
        "refused": refused,
        "compile_s": round(ready - began, 2),
        "run_s": round(time.perf_counter() - ready, 2),
    }


def told(result):
    """How one simulation ended, how far each object went over the ground, and every recorded series."""
    places = [[tuple(place) for place in state] for state in result.trajectory]
    moved = [math.dist(before[:2], after[:2]) for before, after in zip(places[0], places[-1], strict=True)]
    return {
        "ended": result.terminationType.name,
        "reason": str(result.terminationReason),
        "steps": len(places) - 1,
        "moved_m": [round(metres, 3) for metres in moved],
        "series": {name: [round(value, 4) for _, value in rows] for name, rows in result.records.items()},
    }


if __name__ == "__main__":
    asked = argparse.ArgumentParser()
    asked.add_argument("file")
    asked.add_argument("--port", type=int, required=True)
    asked.add_argument("--count", type=int, default=1)
    asked.add_argument("--seed", type=int, default=1)
    given = asked.parse_args()
    json.dump(driven(given.file, given.port, given.count, given.seed), sys.stdout)

"""The process in which the genuine client lives: takes calls over a pipe, answers them, and cleans up at its end.

`python -m sim.carla_client.helper FD`. The client library may hang, print or even die; here it does so
without taking a run with it. When the other end of the pipe is gone, everything made is destroyed.
"""

import sys
from multiprocessing.connection import Connection
from typing import Any

from sim.carla_client.genuine import GenuineWire
from stack.vocabulary import FaultlineError, MachineryError, MissingPart


def serve(pipe: Connection) -> None:
    """Answer calls until the other end closes."""
    wire: GenuineWire | None = None
    try:
        while True:
            name, arguments = pipe.recv()
            try:
                if name == "open":
                    wire = GenuineWire(*arguments)
                    value: Any = None
                elif wire is not None:
                    value = getattr(wire, name)(*arguments)
                else:
                    raise MachineryError("the wire has not been opened")
            except Exception as problem:
                pipe.send(_refusal(name, problem))
                continue
            made, before = (wire.made, wire.before) if wire is not None else ((), None)
            pipe.send(("done", value, made, before))
    except (EOFError, OSError):
        pass  # the other end is gone
    finally:
        if wire is not None:
            wire.close()


def _refusal(name: str, problem: Exception) -> tuple[str, str]:
    """An error as words that cross the pipe."""
    if isinstance(problem, MissingPart):
        return "missing", str(problem)
    if isinstance(problem, FaultlineError):
        return "machinery", str(problem)
    text = f"the CARLA client failed in `{name}`: {problem or type(problem).__name__}"
    if "time-out" in text:
        text += "; the server stopped or does not tick any more: start it again, or allow more with ?timeout_s="
    return "machinery", text


if __name__ == "__main__":
    serve(Connection(int(sys.argv[1])))

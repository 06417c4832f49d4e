"""The `Wire` to a helper process that holds the genuine client: every call has an end, whatever the client does.

A helper that does not answer is ended, and another one cleans up behind it. Ctrl-C does not reach the
helper (it has a session of its own), so it always finishes what it was doing.
"""

import contextlib
import subprocess
import sys
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.carla_client.address import Address
from sim.carla_client.background import Background
from sim.carla_client.genuine import LOADING_S
from sim.carla_client.wire import DriveFacts, Pedals, ServerFacts, Spawned, SpawnOrder, StreamOrder, Tick
from stack.vocabulary import MachineryError, MissingPart

MARGIN_S = 5.0  # own: the helper's own time-out comes first, and its words are better
SLOW_S = {"open_map": 2.0 * LOADING_S, "traffic": 60.0, "open": 30.0}  # calls that may take longer than a tick
PARTING_S = 5.0
SWEEP_S = 10.0


class RemoteWire:
    """Calls go to the helper one after the other; after a failure that broke it every call fails."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._broken = ""
        self._closed = False
        self._awaiting = ""
        self._made: tuple[int, ...] = ()
        self._before: tuple[bool, float | None, bool] | None = None
        self._process, self._pipe = _started()
        try:
            self._call("open", address)
        except BaseException:
            self.close()
            raise

    def facts(self) -> ServerFacts:
        """Versions, maps and blueprints."""
        found: ServerFacts = self._call("facts")
        return found

    def open_map(self, name: str, xodr: str) -> str:
        """Make this map the world."""
        return str(self._call("open_map", name, xodr))

    def hold(self, tick_s: float) -> None:
        """Take the clock."""
        self._call("hold", tick_s)

    def set_weather(self, values: tuple[tuple[str, float], ...]) -> None:
        """Set weather parameters by CARLA's names."""
        self._call("set_weather", values)

    def spawn(self, orders: tuple[SpawnOrder, ...]) -> tuple[Spawned, ...]:
        """Make actors."""
        return tuple(self._call("spawn", orders))

    def traffic(self, background: Background, clear_of: tuple[tuple[float, float], ...]) -> tuple[Spawned, ...]:
        """Make CARLA-driven vehicles, then walkers."""
        return tuple(self._call("traffic", background, clear_of))

    def drives(self, actor_id: int) -> DriveFacts:
        """A vehicle's physics."""
        found: DriveFacts = self._call("drives", actor_id)
        return found

    def watch(self, ego_id: int, actor_ids: tuple[int, ...]) -> None:
        """From now on ticks report these actors."""
        self._call("watch", ego_id, actor_ids)

    def listen(self, ego_id: int, orders: tuple[StreamOrder, ...]) -> None:
        """From now on ticks carry these sensors' messages."""
        self._call("listen", ego_id, orders)

    def launch(self, actor_id: int, placement: NDArray[np.float64]) -> None:
        """Put a vehicle somewhere, moving."""
        self._call("launch", actor_id, placement)

    def tick(self, ego_id: int, pedals: Pedals, actor_ids: tuple[int, ...], placements: NDArray[np.float64]) -> Tick:
        """Set pedals and places, and go on."""
        found: Tick = self._call("tick", ego_id, pedals, actor_ids, placements)
        return found

    def clear(self) -> None:
        """Destroy everything this wire has spawned."""
        self._call("clear")

    def close(self) -> None:
        """Undo everything and end the helper; another one sweeps up where this one cannot."""
        if self._closed:
            return
        self._closed = True
        if not self._broken:
            try:
                self._answer_waited_for()
                self._call("close")
            except (MachineryError, MissingPart):
                self._broken = self._broken or "closing failed"
        self._part()
        if self._broken and (self._made or self._before is not None):
            self._swept()

    # -- the pipe -------------------------------------------------------------------------------

    def _call(self, name: str, *arguments: Any) -> Any:
        if self._broken:
            raise MachineryError(self._broken)
        try:
            self._pipe.send((name, arguments))
        except OSError as error:
            raise self._break(f"the process of the CARLA client died before `{name}`") from error
        self._awaiting = name
        return self._answer()

    def _answer(self) -> Any:
        """The answer to the call under way."""
        name = self._awaiting
        patience_s = max(self._address.timeout_s, SLOW_S.get(name, 0.0)) + MARGIN_S
        try:
            if not self._pipe.poll(patience_s):
                text = f"{self._address.text} did not answer `{name}` within {patience_s:.0f} s"
                raise self._break(f"{text}: the server stopped ticking or the client hangs; start the server again")
            answer = self._pipe.recv()
        except (EOFError, OSError) as error:
            text = f"the process of the CARLA client died in `{name}` (the client library crashed)"
            raise self._break(f"{text}; look whether the server still runs, then repeat the run") from error
        self._awaiting = ""
        if answer[0] == "done":
            _, value, self._made, self._before = answer
            return value
        raise (MissingPart if answer[0] == "missing" else MachineryError)(answer[1])

    def _answer_waited_for(self) -> None:
        """After an interrupted call: its answer must come before the next call's."""
        if self._awaiting:
            with contextlib.suppress(MissingPart):
                self._answer()

    def _break(self, text: str) -> MachineryError:
        self._broken = text
        return MachineryError(text)

    def _part(self) -> None:
        """Close the pipe; a helper that does not leave by itself is ended."""
        self._pipe.close()
        if self._broken:
            self._process.kill()
        try:
            self._process.wait(PARTING_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _swept(self) -> None:
        """Best effort by a fresh helper: a server that is gone needs no cleaning."""
        process, pipe = _started()
        address = Address(host=self._address.host, port=self._address.port, timeout_s=PARTING_S)
        try:
            for call in (("open", (address,)), ("sweep", (self._made, self._before))):
                pipe.send(call)
                if not pipe.poll(SWEEP_S) or pipe.recv()[0] != "done":
                    break
        except (EOFError, OSError):
            pass
        finally:
            pipe.close()
            process.kill()
            process.wait()


def _started() -> tuple["subprocess.Popen[bytes]", Connection]:
    """A fresh helper process and this end of its pipe."""
    near, far = Pipe()
    try:
        process = subprocess.Popen(
            [sys.executable, "-m", "sim.carla_client.helper", str(far.fileno())],
            pass_fds=(far.fileno(),),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    finally:
        far.close()
    return process, near

"""Who is connected, and what is left behind when a connection ends.

A Traffic Manager lives in a client's process and registers its port here, so that other clients find
it; when that client's connection ends, its Traffic Managers are gone too. Actors stay, as on CARLA,
unless the server was started to destroy them.
"""

from enum import Enum


class OnLeave(Enum):
    """What becomes of the actors a client spawned when its connection ends."""

    KEEP = "keep"
    DESTROY = "destroy"


class Caller:
    """One RPC connection. `number` grows and is never used twice; `address` is host:port of the far end."""

    __slots__ = ("_callers", "address", "number")

    def __init__(self, callers: "Callers", number: int, address: str) -> None:
        self._callers, self.number, self.address = callers, number, address

    def spawned(self, actor_id: int) -> None:
        """An actor was made by this caller."""
        self._callers.owners[actor_id] = self

    def destroyed(self, actor_id: int) -> None:
        """An actor is gone, whoever made it."""
        self._callers.owners.pop(actor_id, None)

    def registered(self, port: int, host: str) -> bool:
        """A Traffic Manager runs with this caller. False where the port is another's already."""
        return self._callers.register(self, port, host)


class Callers:
    """All connections of a server, the actors they made and the Traffic Managers they run."""

    def __init__(self, on_leave: OnLeave = OnLeave.KEEP) -> None:
        self.on_leave = on_leave
        self.owners: dict[int, Caller] = {}  # actor id to who made it
        self.present: dict[int, Caller] = {}
        self._managers: dict[int, tuple[str, Caller]] = {}  # port to host and who registered it
        self._last = 0

    def arrived(self, address: str) -> Caller:
        """A connection was accepted."""
        self._last += 1
        caller = self.present[self._last] = Caller(self, self._last, address)
        return caller

    def left(self, caller: Caller) -> tuple[int, ...]:
        """A connection ended: its Traffic Managers are gone. Returns the actors that are to be destroyed."""
        self.present.pop(caller.number, None)
        self._managers = {port: row for port, row in self._managers.items() if row[1] is not caller}
        made = tuple(actor_id for actor_id, owner in self.owners.items() if owner is caller)
        for actor_id in made:
            del self.owners[actor_id]
        return made if self.on_leave is OnLeave.DESTROY else ()

    def forget_actors(self) -> None:
        """All actors are gone: another episode began."""
        self.owners.clear()

    # -- Traffic Managers -----------------------------------------------------------------------

    @property
    def managers(self) -> int:
        """How many Traffic Managers are registered."""
        return len(self._managers)

    def register(self, caller: Caller, port: int, host: str) -> bool:
        """A Traffic Manager announced itself. False where the port is taken by another that still lives."""
        if port in self._managers:
            return False
        self._managers[port] = (host, caller)
        return True

    def unregister(self, port: int) -> bool:
        """A Traffic Manager ended. False where none had this port."""
        return self._managers.pop(port, None) is not None

    def manager(self, port: int) -> tuple[str, int]:
        """Host and port of a Traffic Manager; empty and 0 where there is none."""
        row = self._managers.get(port)
        return (row[0], port) if row else ("", 0)

"""Calls by which clients find each other's Traffic Managers; the managers themselves live in the clients."""

from typing import Any, Final

from sim.carla_server.calls import Call, Returns


def _running(server: Any, caller: Any, port: int) -> bool:
    del caller
    return bool(server.callers.manager(port)[1])


def _address(server: Any, caller: Any, port: int) -> tuple[str, int]:
    del caller
    found: tuple[str, int] = server.callers.manager(port)
    return found


def _add(server: Any, caller: Any, address: tuple[str, int]) -> bool:
    registered: bool = caller.registered(address[1], address[0])
    if registered:
        server.waking.registered(caller, address[1])
    return registered


def _destroy(server: Any, caller: Any, port: int) -> bool:
    del caller
    ended: bool = server.callers.unregister(port)
    server.waking.unregistered(port)
    return ended


CALLS: Final = (
    Call("is_traffic_manager_running", (int,), Returns.VALUE, _running),
    Call("get_traffic_manager_running", (int,), Returns.VALUE, _address),
    Call("add_traffic_manager_running", (tuple[str, int],), Returns.VALUE, _add),
    Call("destroy_traffic_manager", (int,), Returns.VALUE, _destroy),
)

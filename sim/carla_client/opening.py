"""Opens a CarlaWorld: look at the server, measure the ego's brakes once, open the map, spawn everyone.

Whatever goes wrong on the way, the wire is closed and nothing stays on the server.
"""

from dataclasses import dataclass

from sim.carla_client.account import Account
from sim.carla_client.background import EMPTY, Background
from sim.carla_client.calibration import calibrated
from sim.carla_client.cast import cast_for, ego_role, with_others
from sim.carla_client.driving import EgoDriver
from sim.carla_client.pedals import BrakeMap
from sim.carla_client.weather import weather_of
from sim.carla_client.wire import Pedals, ServerFacts, Spawned, StreamOrder, Wire
from sim.carla_client.world import TICK_NS, CarlaWorld, Sink
from sim.layout import Layout
from sim.truth import EGO
from sim.twin.world import TwinWorld
from stack.vocabulary import NS_PER_S, SimNs

_maps: dict[tuple[object, ...], BrakeMap] = {}  # by server version, library, blueprint and its attributes


@dataclass(frozen=True, slots=True, kw_only=True)
class Extras:
    """What a run may have besides its layout."""

    background: Background = EMPTY
    streams: tuple[StreamOrder, ...] = ()
    sink: Sink | None = None


def open_carla_world(layout: Layout, wire: Wire, xodr: str, extras: Extras | None = None) -> CarlaWorld:
    """A world at instant 0. Raises MissingPart or MachineryError; the wire is closed then."""
    extras = extras or Extras()
    try:
        return _opened(layout, wire, xodr, extras)
    except BaseException:
        wire.close()
        raise


def _opened(layout: Layout, wire: Wire, xodr: str, extras: Extras) -> CarlaWorld:
    facts = wire.facts()
    role = ego_role(layout, facts)
    account = Account(tick_ns=TICK_NS, server=facts.server_version, lag_contained=role.lagged)
    wire.hold(TICK_NS / NS_PER_S)
    brakes = account.brake_map = _brake_map(layout, wire, facts)
    account.map_opened = wire.open_map(layout.map_name, xodr)
    wire.set_weather(weather_of(layout.conditions))
    twin = TwinWorld(layout)
    state = twin.observe(SimNs(0)).state
    cast = cast_for(layout, state, wire, facts, extras.background, account)
    if cast.others:
        wire.watch(cast.ego.actor_id, cast.watched)
        tick = wire.tick(cast.ego.actor_id, Pedals(brake_ratio=1.0), cast.ids, cast.placements(state))
        layout = with_others(layout, cast, facts, tick.seen[1 + len(cast.ids) :])
    drives = wire.drives(cast.ego.actor_id)
    vehicle = layout.actors[EGO].vehicle
    assert vehicle is not None  # a checked layout's ego has one
    driver = EgoDriver(role, vehicle, brakes, drives, account, TICK_NS / NS_PER_S)
    streams = tuple(_from_origin(order, cast.ego) for order in extras.streams)
    return CarlaWorld(layout, wire, cast, driver, account, streams=streams, sink=extras.sink)


def _from_origin(order: StreamOrder, ego: Spawned) -> StreamOrder:
    """A sensor's place relative to the actor's origin, from one relative to the front edge."""
    return order._replace(x_m=order.x_m + ego.centre_m[0] + 0.5 * ego.size_m[0], y_m=order.y_m + ego.centre_m[1])


def _brake_map(layout: Layout, wire: Wire, facts: ServerFacts) -> BrakeMap:
    """The ego's brake map, measured once per server and blueprint."""
    role, vehicle = ego_role(layout, facts), layout.actors[EGO].vehicle
    key = (facts.server_version, facts.library_digest, role.blueprint, role.attributes)
    if key not in _maps:
        up_to_mps = vehicle.speed_limit_mps + 1.0 if vehicle is not None else 40.0
        _maps[key] = calibrated(wire, role, up_to_mps=up_to_mps)
    return _maps[key]


def forget_brake_maps() -> None:
    """Measure again next time."""
    _maps.clear()

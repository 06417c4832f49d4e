"""What client functions of these tests share: a quiet world, vehicles, and reading back. Runs in a client's process."""

import contextlib

DELTA_S = 0.05


@contextlib.contextmanager
def ticking(client, delta_s=DELTA_S):
    """The world in synchronous mode, empty of others' actors before and of ours after."""
    world = client.get_world()
    settings = world.get_settings()
    settings.synchronous_mode, settings.fixed_delta_seconds = True, delta_s
    world.apply_settings(settings)
    world.tick()
    cleared(client, world)
    try:
        yield world
    finally:
        cleared(client, world)
        settings.synchronous_mode, settings.fixed_delta_seconds = False, None
        world.apply_settings(settings)


def cleared(client, world):
    import carla

    kinds = ("vehicle.*", "walker.*", "sensor.*", "controller.*", "static.*")
    ids = [actor.id for kind in kinds for actor in world.get_actors().filter(kind)]
    client.apply_batch_sync([carla.command.DestroyActor(one) for one in ids], True)


def spawned(world, kind="vehicle.tesla.model3", spot=0, **attributes):
    """An actor at one of the map's spawn points, settled on its wheels."""
    blueprint = world.get_blueprint_library().find(kind)
    for name, value in attributes.items():
        blueprint.set_attribute(name, str(value))
    actor = world.spawn_actor(blueprint, world.get_map().get_spawn_points()[spot])
    ticks(world, 10)
    return actor


def ticks(world, count):
    for _ in range(count):
        world.tick()


def place(actor):
    where = actor.get_transform()
    return [where.location.x, where.location.y, where.location.z, where.rotation.yaw]


def speed(actor):
    return actor.get_velocity().length()


def said_by(act):
    """What a call that must fail says; "" if it did not fail."""
    try:
        act()
    except RuntimeError as problem:
        return str(problem)
    return ""

"""The world behind a CARLA server, without its sockets: a town, its actors, their motion, lights and settings.

May import the scenery, rays, road, twin, blueprints, left_handed and randomness of `sim`. It will never
know a socket, a client or the wall clock, and it never draws: sensors come in through a factory.
"""

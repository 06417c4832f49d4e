"""A World on any CARLA server, through the genuine `carla` client: synchronous, matched tick by tick.

May import the ports, layout, truth and twin kernels of `sim`, and `carla`. It will never import the
server: what it knows of the other side it has from the wire.
"""

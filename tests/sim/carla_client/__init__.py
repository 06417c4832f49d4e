"""The World on a CARLA server: parts alone, on a server small enough to know by heart, and on a real one."""

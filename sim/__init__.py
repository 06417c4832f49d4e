"""The closed loop: world, clock, sensors, channels, hosts and the record, on three ports.

This room plays a layout, senses it, carries messages to the stack's host and its commands back, all
in virtual time. It imports `stack.vocabulary` and nothing else of ours; it never judges, never
injects a fault by itself and never reads the wall clock.
"""

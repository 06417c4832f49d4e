"""Hardware in place of software: measured time, stored time, and later attached devices.

The only room that reads the wall clock. This file imports nothing, so that a device can load its
own part without the rest.
"""

"""CARLA's sensors, from the twin's geometry: what each writes into its stream, as bytes.

May import the episode, scenery, camera, rays and randomness of `sim`. It will never know a socket.
"""

"""Tests of the world behind a CARLA server."""

"""Tests of the scenery: the one geometry of all sensors."""

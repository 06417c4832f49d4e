"""Faults do what they say, only while they may, and are counted."""

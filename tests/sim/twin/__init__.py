"""Tests of the twin world."""

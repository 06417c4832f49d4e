"""Tests of the judge and the report."""

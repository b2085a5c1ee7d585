"""Faults planted on purpose: how many of them the tests find."""

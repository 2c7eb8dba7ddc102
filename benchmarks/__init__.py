"""Simulations that put numbers on what the estimates promise."""

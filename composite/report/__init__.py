"""Estimates → what people read."""

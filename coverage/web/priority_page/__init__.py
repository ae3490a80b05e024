"""Prioritas: the order of the villages."""

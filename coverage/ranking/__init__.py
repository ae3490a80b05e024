"""Ranking of villages, and its stability."""

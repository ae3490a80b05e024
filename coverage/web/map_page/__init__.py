"""Peta: the villages by state, and the facts of the chosen one."""

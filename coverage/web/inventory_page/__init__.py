"""Inventaris: the list of assets."""

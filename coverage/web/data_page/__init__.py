"""Data: what the region has, and better files in its place."""

"""Jangkau: which villages the network does not reach, which come first, what it costs, what is owned today."""

__version__ = "0.1.0"

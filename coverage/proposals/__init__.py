"""Proposed points: what is asked for where, through which channel, how far it is and what is missing."""

"""Sinyal: the predicted signal and its profile."""

"""Readers: files of the outside world as tables of ours."""

"""Rencana: what to build where and when."""

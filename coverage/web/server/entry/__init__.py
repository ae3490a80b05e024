"""Streamlit's script in a folder of its own.

Streamlit takes a folder ``pages`` beside its script for a legacy multipage app, and breaks deep links.
"""

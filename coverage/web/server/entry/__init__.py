"""The script that Streamlit runs, in a folder of its own.

Streamlit takes a folder ``pages`` beside its script for the pages of an older kind of app, and the first visitor of a
deep link would be told that the page does not exist.
"""

"""The map on the screen and its layers."""

"""A run: what it is made from, the whole flow, and what would change it."""

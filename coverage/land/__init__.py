"""Land in cells, and the people who live on it."""

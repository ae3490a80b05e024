"""The land cut into cells, and the people who live on it."""

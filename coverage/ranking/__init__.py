"""The order in which to serve villages, and how firm it is."""

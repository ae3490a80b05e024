"""Data: files of the region, and replacing them."""

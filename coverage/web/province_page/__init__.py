"""Page Provinsi: the regencies of a province side by side, and the way into each."""

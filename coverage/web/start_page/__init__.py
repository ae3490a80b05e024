"""Page Mulai."""

"""Page Akun."""

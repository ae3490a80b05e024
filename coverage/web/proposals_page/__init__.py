"""Page Usulan: the register of proposals."""

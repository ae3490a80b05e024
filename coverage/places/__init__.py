"""Villages: codes, names, boundaries, and lists reconciled with them."""

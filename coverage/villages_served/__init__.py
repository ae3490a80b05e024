"""What each village gets: people and area served, signal, evidence, and its state under each rule."""

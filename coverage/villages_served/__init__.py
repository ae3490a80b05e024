"""People and area served per village, signal, evidence, and state under each rule."""

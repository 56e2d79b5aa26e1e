"""Files: what is taken, what is refused, who may have it back."""

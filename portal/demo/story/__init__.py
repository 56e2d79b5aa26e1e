"""The demonstration's story: who, what they use, what goes wrong, what the engineers write."""

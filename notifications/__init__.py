"""Deliveries and the proof that they left."""

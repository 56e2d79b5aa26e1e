"""Incidents: conversation, lifecycle, commitments, recipients, the engineers’ queue."""

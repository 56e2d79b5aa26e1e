"""Compliance figures: dashboards and exports."""

"""The promise clock: opening hours, calendars, service levels."""

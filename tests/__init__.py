"""The tests, one folder per app, on the real PostgreSQL and Valkey (tests.plugins.services)."""

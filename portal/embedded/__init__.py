"""PostgreSQL and Valkey from their packages, for the demo, the tests and CI.

Importable without Django settings: standard library and the two packages of binaries only.
Production gives DATABASE_URL and REDIS_URL instead, and nothing here runs.
"""

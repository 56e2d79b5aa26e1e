"""Plugins of pytest: the services, the databases, the network guard."""

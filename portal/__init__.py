"""The roof: settings, root addresses, home, health, beat table, embedded services, demo."""

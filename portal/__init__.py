"""The roof: settings, root urls, home, health, beat table, demo launcher."""

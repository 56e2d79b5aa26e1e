"""The demonstration: `make demo`, its pages and its data. Nothing of it runs in production."""

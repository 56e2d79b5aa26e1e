"""Products, licence park, support contracts, patches and downloads."""

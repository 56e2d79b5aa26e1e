"""The park, the contracts, the patches."""

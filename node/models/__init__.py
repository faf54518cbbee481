"""Model files: the catalogue, the store, the fit."""

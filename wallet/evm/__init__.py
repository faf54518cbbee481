"""Addresses on Ethereum's kin: for watching payouts that arrive there. No keys."""

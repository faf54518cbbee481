"""Builds of llama.cpp for cards: which there are, which suits this machine, and how one is taken, tried and kept."""

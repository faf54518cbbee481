"""Nodes that are reached from here: other data directories of this machine, and other machines over ssh."""

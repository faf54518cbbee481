"""Whether the owner uses the machine: how long ago keyboard or mouse were last touched."""

"""``stoker service``: the node as a service that starts with the machine. Needs no node; speaks to systemd alone."""

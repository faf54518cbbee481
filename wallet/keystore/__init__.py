"""Where secrets live: systemd's credentials directory, the OS keyring, the encrypted vault, the host-sealed file."""

"""What the hardware screen says of cards and host: lines and charts. Pure."""

"""`stoker ...`: thin commands over the control client."""

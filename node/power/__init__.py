"""How much power the cards may draw: what they allow, what is worth it, and measuring that."""

"""The networks that the owner has joined, and those that could be: their pages, accounts, and how they live."""

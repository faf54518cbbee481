"""What the node's energy costs: prices, and from the meter the cost of each job, hour and day."""

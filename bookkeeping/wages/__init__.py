"""What one employee earns in a month: from gross to net, by the statutes of the day."""

"""Credit: what is offered, who is found worthy of it and why, limits, loans, servicing."""

"""The one branch visit: slots, arrival, and the minute in which the account comes alive."""

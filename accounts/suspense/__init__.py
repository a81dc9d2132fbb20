"""Money that cannot be booked home: it waits on the bank's side until the desk clears it."""

"""Sign-in of people by phone code, their sessions on devices, and the tokens of every door."""

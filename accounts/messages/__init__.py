"""ISO 20022 messages about payments: kept word for word, shown at the desk, taken from owners."""

"""ISO 20022 messages: what goes between banks, written and read through public definitions."""

"""Statements as ISO 20022 messages (camt.053), for accounting programs."""

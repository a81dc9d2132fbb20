"""Payment files that are ISO 20022 messages: pain.001 read, pain.002 written."""

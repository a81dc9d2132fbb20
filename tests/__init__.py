"""Tests: rules without I/O, flows through HTTP, the building inspector, soak and bench."""

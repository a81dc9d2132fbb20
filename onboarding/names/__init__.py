"""Declaring a name: how it is built, what is forbidden, and who has it already."""

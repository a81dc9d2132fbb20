"""The books in formats that other people's programs read."""

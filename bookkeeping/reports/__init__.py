"""Statements read from the books, and the books in other formats."""

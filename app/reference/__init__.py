"""Dated statutory numbers, the working calendar, and the identifiers used in China."""

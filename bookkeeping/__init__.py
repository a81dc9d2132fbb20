"""The firm's own books: wages, journal, taxes and statements, written from what happened."""

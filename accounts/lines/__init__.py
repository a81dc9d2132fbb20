"""Booked lines of an account with what they were for: what receipts and statements print."""

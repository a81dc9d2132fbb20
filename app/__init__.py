"""The ground floor: everything a bank's backend needs that knows no banking."""

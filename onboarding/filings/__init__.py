"""Filing opened accounts with the account management system (备案)."""

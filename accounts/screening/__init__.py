"""Watch lists and how a name is matched against them, with a reason one can read."""

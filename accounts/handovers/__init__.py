"""What an authority has taken is paid on to its account, by the ordinary ways and once."""

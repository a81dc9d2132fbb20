"""Account numbers: our own scheme, favourite numbers and who holds them."""

"""What a firm's own data says about it."""

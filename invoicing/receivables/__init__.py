"""What buyers owe, and which payment settled what."""

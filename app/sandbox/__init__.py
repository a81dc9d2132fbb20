"""The outside world, played by a separate process: authorities, other banks, bureau, messages."""

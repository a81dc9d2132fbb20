"""What a released batch pays: slice by slice, every row once."""

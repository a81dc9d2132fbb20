"""Many payments from one file: checked row by row, approved as a whole, paid in slices."""

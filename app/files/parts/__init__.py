"""An upload in parts goes on where the line was cut off, also after a restart of either side."""

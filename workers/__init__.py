"""Background work: who reacts to what, what the clock starts, and the process that runs it."""

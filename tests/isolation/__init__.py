"""Every door with an id, tried with everybody's ids: the objects, the calls, the callers."""

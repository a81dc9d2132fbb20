"""One N-level approval service: every product calls it, it calls nobody."""

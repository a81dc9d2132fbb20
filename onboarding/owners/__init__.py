"""Who stands behind a firm: beneficial owners along the chain, with the path that explains each."""

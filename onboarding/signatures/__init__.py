"""Electronic signatures: everyone asked signs one version of one text, by a link of their own."""

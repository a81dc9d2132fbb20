"""One more document: a reviewer asks, the firm hands it in, the review goes on where it stood."""

"""The rows of a batch, read from its file and checked before anybody agrees to them."""

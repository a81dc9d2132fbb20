"""Over the queue: who is assigned what, what is late, how it all goes."""

"""Opening an account: the application, its documents and its timeline."""

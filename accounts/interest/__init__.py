"""Interest on demand deposits: settled by the quarter over all firms, shown so that it can be checked."""

"""Interest on demand deposits: settled by the quarter over all firms, shown to be checked."""

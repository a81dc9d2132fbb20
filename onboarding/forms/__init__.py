"""The one form of a new firm: what it says, what it lacks, who signs it, and its text."""

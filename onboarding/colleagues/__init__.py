"""The bank's reviewers as colleagues: who is away, who stands in, whose firm is too near."""

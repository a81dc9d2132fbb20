"""The kinds of firm: who owns them, who answers for their debts, how they are taxed."""

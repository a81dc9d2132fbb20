"""Classes of accounts: what each needs before it can be opened, and the simplified opening."""

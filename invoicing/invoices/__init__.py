"""Electronic invoices: amounts, drafts, issuing, documents."""

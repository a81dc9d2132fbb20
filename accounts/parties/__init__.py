"""One book of counterparties: payees, customers and suppliers."""

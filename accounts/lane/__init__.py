"""The payment lane: payments that one person may make alone inside the bank, many in one call."""

"""The life of a loan after drawing: dues, overdue, prepayment, categories."""

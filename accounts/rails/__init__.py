"""The payment systems between banks: their caps and hours by date, and which one is used when."""

"""Tables that customers hand in and take away, as CSV or XLSX."""

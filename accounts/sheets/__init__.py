"""How a statement is drawn: for spreadsheets and on paper."""

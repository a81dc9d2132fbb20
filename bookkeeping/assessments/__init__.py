"""What tax is due by which law: VAT, surcharges, income tax of a month, quarter or year."""

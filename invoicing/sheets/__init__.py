"""What an invoice looks like: the page for people and the XML for programs."""

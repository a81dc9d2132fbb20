"""Reserved payments: money held for a named payee now, confirmed, called off or expired later."""

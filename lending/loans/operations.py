"""What people do with loans: see what one costs, draw it, look at it."""

from __future__ import annotations

from lending.loans import rules

# A calculator: it knows no firm and touches nothing, so it takes no `work`.
quote = rules.quote

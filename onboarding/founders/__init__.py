"""Who may found what: owners and capital by the kind of firm, the five years, offices held."""

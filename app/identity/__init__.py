"""People, sessions, businesses, memberships, staff and API clients: who may act, and for whom."""

"""The bank's own people: sign-in with password and one-time code, role and branch."""

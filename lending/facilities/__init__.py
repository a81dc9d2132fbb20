"""Limits: asked for with consent, decided, taken from and given back."""

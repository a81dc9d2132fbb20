"""Fees by a dated price list: shown before, charged with what causes them, given back by rule."""

"""Signed call-backs to portals (Standard Webhooks): endpoints, attempts, what was given up."""

"""Yes or no, how much, and why: points from data, with reasons."""

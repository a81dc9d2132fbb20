"""Batches of a portal: many applications at once, a result per row, failed rows sent again."""

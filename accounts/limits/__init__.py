"""What one person may pay at once and in one day."""

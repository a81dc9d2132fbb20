"""What a firm's people were told: the app's own inbox, beside the text messages."""

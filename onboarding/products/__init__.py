"""What a firm takes home with its account: each with its state, and with somebody who acts."""

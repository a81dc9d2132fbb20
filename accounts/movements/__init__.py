"""What moved on the bank's account with the clearing house: our side of every day's comparison."""

"""What payer, beneficiary and bank say about an escrow agreement, and its doors."""

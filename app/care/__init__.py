"""How a customer is to be treated: manner, hardship, disputes, wishes; each with its source."""

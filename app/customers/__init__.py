"""The person who owes: names, phones, marks."""

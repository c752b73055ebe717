"""The agent's telephone: the one in his page, its credentials at Asterisk, and how it sounds."""

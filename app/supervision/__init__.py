"""What an agent asks of those who lead him, and what they say to him and order: help, breaks, messages."""

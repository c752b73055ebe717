"""What a campaign's calls have taught: how often people answer, and how long each part of a call lasts."""

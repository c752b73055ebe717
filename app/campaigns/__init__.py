"""What to dial, when, how hard: leads and their recycling."""

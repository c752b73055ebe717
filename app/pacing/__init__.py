"""What pacing saw, foresaw and decided, each second, kept for those who ask why."""

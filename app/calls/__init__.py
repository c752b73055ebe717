"""The written record of calls: attempts, moments, ends, locks."""

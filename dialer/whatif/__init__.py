"""A recorded day learned, simulated under its own and under other settings: `python -m dialer.whatif`."""

"""What another limit would have cost: a campaign's recorded day, simulated again under other settings."""

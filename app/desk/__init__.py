"""The agent's table: the screen pop, what agents ask for, outcomes."""

"""Bots that sign in and behave like agents, over the public HTTP and socket protocol like anybody else."""

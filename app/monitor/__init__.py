"""Stepping into live calls: who may, what is shown of a call, and the written record of each session."""

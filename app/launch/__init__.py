"""Engines and processes: PostgreSQL and Valkey from wheels or the system, and what keeps them running.

Knows no business. Read `engines.py`, then `supervisor.py`.
"""

"""Loans, cases and the holds on them."""

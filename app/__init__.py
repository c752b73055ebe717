"""The business: customers, loans, campaigns, people and what they do. Storeys point down; see pyproject.toml."""

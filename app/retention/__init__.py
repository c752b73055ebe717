"""How long each kind of record is kept: set as data, never shorter than the law, dropped by the month."""

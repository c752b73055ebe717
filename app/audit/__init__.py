"""The append-only trail: who, what, before, after, why; written by every service, knows only ids."""

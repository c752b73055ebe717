"""Users, roles, permissions, sign-in, sessions, teams."""

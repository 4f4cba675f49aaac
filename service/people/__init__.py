"""Keys that are issued and revoked, accounts of people, their passwords and sessions, how often a caller may call."""

"""The ledger: entries in hash chains, what is derived from them, and whether they are whole."""

"""What others are told: messages derived from the ledger, webhooks and mail that carry them, emergencies."""

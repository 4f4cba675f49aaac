"""The blind audit: which automatic answers a person looks at without seeing them, and what that says of all of them."""

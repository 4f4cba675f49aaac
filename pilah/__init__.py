"""The command line: turns words of a shell into calls of `service` and `training`, and their results into words."""

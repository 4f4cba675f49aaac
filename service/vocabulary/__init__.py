"""Words that are new in what citizens write, looked for once a day and kept as proposed topics."""

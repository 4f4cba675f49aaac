"""What happens to a report after it is stored: states, events, clock, labels, review, incidents."""

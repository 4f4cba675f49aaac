"""Demo data: a made-up history of three years, written by the service's own jobs into a store of its own."""

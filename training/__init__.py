"""Labelled rows in, bundle out: reading, checking, fitting, judging. Pandas and scikit-learn live here only."""

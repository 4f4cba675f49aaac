"""Text in, tags out: reading a bundle and scoring Indonesian reports with numpy and small pure code.

Imports no web framework, database, pandas, environment or clock; everything it needs arrives as an argument.
"""

"""Upkeep of an installation: backup, restore, export, import, erasure, retention."""

"""Padan: a cross-border match-making marketplace for intellectual property in ASEAN."""

"""Texts for other tools."""

"""Gongkai (公开): annual information-disclosure reports, from government portals to a warehouse one can trust."""

__version__ = "0.1.0"

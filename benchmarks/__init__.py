"""Measurements against the local Discord: ratios within one run, because machines differ."""

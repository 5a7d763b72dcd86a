"""Runs over many pairs: which they are, one with the time of every stage, what is remembered, the report."""

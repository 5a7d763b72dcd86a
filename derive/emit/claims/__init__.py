"""Answers in every form: text for a terminal, LaTeX, Markdown for GitHub, plain data."""

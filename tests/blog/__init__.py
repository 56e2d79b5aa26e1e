"""The blog: who reads what, what Markdown becomes, how articles are written."""

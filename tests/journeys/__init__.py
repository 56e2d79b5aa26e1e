"""Walks through the running portal: a real browser, worker, beat, broker and mail server."""

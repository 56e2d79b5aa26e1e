"""Mails: derived once, sent with proof, in order, through every fault of a server."""

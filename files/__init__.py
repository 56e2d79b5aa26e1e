"""Uploads and stored files. This floor knows no rights: owners register theirs."""

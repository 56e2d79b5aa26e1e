"""The engineers’ technical blog."""

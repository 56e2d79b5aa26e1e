"""The engineers' pages and acts under /admin/incidents/: each act is one operation call."""

"""`/demo/style/`: every component of the portal in every state, drawn from its real template."""

"""Plain typed functions that make rows, unique by a counter, and the standing cast."""

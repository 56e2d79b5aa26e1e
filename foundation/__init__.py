"""The floor under everything: refusals, French wording, database and admin bases."""

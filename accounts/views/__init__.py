"""The pages of accounts: ways in, one's own account, the team of a company."""

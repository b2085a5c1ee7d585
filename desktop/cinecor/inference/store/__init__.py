"""The models installed for this user."""

"""The valve plane that a reader draws: followed through the cycle, and what it says of base and excursion."""

"""What the house was told: facts of its people, kept in a file and found by what is said."""

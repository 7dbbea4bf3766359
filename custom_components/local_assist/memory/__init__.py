"""What the house was told: facts of its people, kept in one file and found again by what is said."""

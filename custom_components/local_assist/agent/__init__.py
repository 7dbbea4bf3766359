"""The turn: from a sentence to the model's answer, and what happens when there is none."""

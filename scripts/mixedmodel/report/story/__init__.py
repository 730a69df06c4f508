"""The story of a deck: texts and slides as data, filled in from the results."""

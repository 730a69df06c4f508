"""The figures: each function draws frames and numbers on a matplotlib Figure it is given."""

"""The mathematics: numpy and scipy only, arrays in, frozen dataclasses out."""

"""The rules a history must keep, by what they look at."""

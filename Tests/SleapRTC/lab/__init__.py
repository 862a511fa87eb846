"""A lab for the time of a test: servers, people with their own homes, machines with a GPU."""

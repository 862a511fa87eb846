"""A black-box run of room-server under faults, and the check of what its clients saw."""

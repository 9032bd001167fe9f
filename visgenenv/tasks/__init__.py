"""What is asked: 42 types, requirements, success, seeded and file sources."""

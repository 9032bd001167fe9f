"""What supervised training learns from: demonstrations of the expert, and general tasks."""

"""Posts → theme probabilities."""

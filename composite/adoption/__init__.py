"""Theme probabilities → estimates."""

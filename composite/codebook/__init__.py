"""What the words mean: themes, countries and tables."""

"""Files and platforms → the table of posts."""

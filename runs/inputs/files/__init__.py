"""Files that a user gives: read, with the line of every key, and what is wrong with them."""

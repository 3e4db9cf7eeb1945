"""Cases on a structure or an image of the user's own: their sections, files and checks."""

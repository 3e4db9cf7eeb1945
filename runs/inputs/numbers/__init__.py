"""Numbers in a case: their units and bounds, how well they are known, and the sections that hold them."""

"""Cases: what figures need to know of each report, folded from its record, and the cells that sum them."""

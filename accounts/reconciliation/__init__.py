"""Our side of each business date compared with the clearing house's; what differs is worked."""

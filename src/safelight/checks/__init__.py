"""One module per defect."""

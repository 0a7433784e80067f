"""Who must look: reliability map and policy."""

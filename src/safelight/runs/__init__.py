"""Takes assets along a workflow with a pool of worker processes."""

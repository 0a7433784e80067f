"""The service over HTTP: one module a noun, each route one verb of a desk."""

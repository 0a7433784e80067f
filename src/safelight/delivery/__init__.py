"""Rule packs, names, derived files, manifests."""

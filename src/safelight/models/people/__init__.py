"""What the people models see in a frame: faces, their points, palms; for every step that must know where people are."""

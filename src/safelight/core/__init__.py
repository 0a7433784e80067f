"""The nouns, and nothing else: no files, no arithmetic on pixels, no database."""

"""Skin: where it is on a face, what stands out of it, and fields that even it without touching its pores."""

"""One 2000 px copy through safelight's decoder, linear-light reduction and encoder: a contender of floor.py."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

if __name__ == "__main__":
    from safelight.media.encode import encode
    from safelight.media.sandbox import Decoder
    from safelight.render.views import shrink_finished

    with Decoder() as decoder:
        picture = decoder.decode(sys.argv[1])
        Path(sys.argv[2]).write_bytes(encode(shrink_finished(picture.image, 2000, np.uint8), "jpeg"))

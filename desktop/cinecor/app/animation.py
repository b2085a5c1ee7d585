"""`write_gif`: one cycle of pictures as an animated GIF."""

import io
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_LEAST_MS = 20  # below, viewers slow an animation down to a tenth of a second a picture


def write_gif(frames: Sequence[NDArray[np.uint8]], *, step_ms: float) -> bytes:
    """Give the bytes of a GIF that repeats without end; frames are (row, column, 3), shown `step_ms` each.

    GIF counts in hundredths of a second: the pictures' times are rounded so that the whole cycle keeps its length.
    """
    from PIL import Image

    ends = [round((number + 1) * max(step_ms, _LEAST_MS) / 10) * 10 for number in range(len(frames))]
    times = [end - start for start, end in zip([0, *ends[:-1]], ends, strict=True)]
    # One palette for all pictures: colours must not flicker.
    palette = Image.fromarray(frames[0]).quantize(colors=255, method=Image.Quantize.MEDIANCUT)
    pictures = [Image.fromarray(frame).quantize(palette=palette, dither=Image.Dither.NONE) for frame in frames]
    stream = io.BytesIO()
    pictures[0].save(
        stream, format="GIF", save_all=True, append_images=pictures[1:], duration=times, loop=0, optimize=False
    )
    return stream.getvalue()

"""`write_gif`: one cycle of pictures as an animated GIF."""

import io
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_LEAST_MS = 20  # below, viewers slow an animation down to a tenth of a second a picture
_COLOURS = 255  # one of 256 is left to what does not change from picture to picture
_GREYS = 96
_GREY_SPREAD = 24  # between the channels of a pixel that counts as grey
_SAMPLE = 40_000  # pixels a picture that the palette is made of


def write_gif(
    frames: Sequence[NDArray[np.uint8]], *, step_ms: float, kept: Sequence[tuple[int, int, int]] = ()
) -> bytes:
    """Return the bytes of a GIF that repeats without end; frames are (row, column, 3), shown `step_ms` each.

    GIF counts in hundredths of a second: the pictures' times are rounded so that the whole cycle keeps its length.
    `kept` are colours that must come out as they are, however few pixels have them.
    """
    from PIL import Image

    ends = [round((number + 1) * max(step_ms, _LEAST_MS) / 10) * 10 for number in range(len(frames))]
    times = [end - start for start, end in zip([0, *ends[:-1]], ends, strict=True)]
    # One palette for all pictures: colours must not flicker.
    palette = Image.new("P", (1, 1))
    palette.putpalette(_palette(frames, kept).tobytes())
    pictures = [Image.fromarray(frame).quantize(palette=palette, dither=Image.Dither.NONE) for frame in frames]
    stream = io.BytesIO()
    pictures[0].save(
        stream, format="GIF", save_all=True, append_images=pictures[1:], duration=times, loop=0, optimize=False
    )
    return stream.getvalue()


def _palette(frames: Sequence[NDArray[np.uint8]], kept: Sequence[tuple[int, int, int]]) -> NDArray[np.uint8]:
    """Return up to 255 colours, (number, 3): those to keep, even greys, and what is coloured in any of the frames.

    Images are grey and outlines thin: shares of the area alone would leave the outlines no colour of their own.
    """
    from PIL import Image

    pixels = np.concatenate([
        frame.reshape(-1, 3)[:: max(1, frame.shape[0] * frame.shape[1] // _SAMPLE)] for frame in frames
    ])  # fmt: skip
    coloured = pixels[np.ptp(pixels, axis=1) > _GREY_SPREAD]
    fixed = np.asarray(kept, dtype=np.uint8).reshape(-1, 3)
    rest = _COLOURS - len(fixed)
    greys = np.linspace(0, 255, _GREYS if len(coloured) else rest).round().astype(np.uint8)
    parts = [fixed, np.repeat(greys[:, np.newaxis], 3, axis=1)]
    if len(coloured):
        few = Image.fromarray(coloured[np.newaxis]).quantize(rest - _GREYS, method=Image.Quantize.MEDIANCUT)
        parts.append(np.asarray(few.getpalette(), dtype=np.uint8).reshape(-1, 3)[: rest - _GREYS])
    return np.concatenate(parts)

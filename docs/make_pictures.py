"""Redraw the pictures of the phantom in docs/images: `make pictures`. Nothing in them comes from a patient."""

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from cinecor_phantom import Acquisition, Phantom, make_phantom, random_phantom
from cinecor_phantom.dicom.companion import companions
from cinecor_phantom.dicom.ge import outside_circle
from cinecor_phantom.dicom.view import short_axis

IMAGES = Path(__file__).parent / "images"
COLOURS = {1: (86, 180, 233), 2: (0, 158, 115), 3: (230, 80, 60)}  # RV, MYO, LV: told apart by colour-blind readers too


def main() -> None:
    """Draw all pictures."""
    IMAGES.mkdir(exist_ok=True)
    phantom = make_phantom()
    save("phantom-short-axis", slices(phantom))
    save("phantom-labels", labels(phantom), scale=2.0)
    save("phantom-styles", styles())
    save("phantom-long-axis", long_axis(phantom))
    save("phantom-variety", variety())
    curve(phantom).save(IMAGES / "phantom-volume-curve.png", optimize=True)


def save(name: str, picture: NDArray[np.uint8], scale: float = 1.0) -> None:
    """Write a picture, palette-free and small."""
    image = Image.fromarray(picture)
    if scale != 1.0:
        image = image.resize((round(image.width * scale), round(image.height * scale)), Image.Resampling.BICUBIC)
    image.save(IMAGES / f"{name}.png", optimize=True)


def grey(pixels: NDArray[np.uint16], top: float) -> NDArray[np.uint8]:
    """Window from 0 to `top`."""
    return np.asarray(np.clip(pixels / top, 0.0, 1.0) * 255.0, dtype=np.uint8)


def top_of(phantom: Phantom) -> float:
    """The window's upper end: all but the brightest fat by the coil."""
    return float(np.percentile(phantom.pixels, 99.5))


def slices(phantom: Phantom) -> NDArray[np.uint8]:
    """Every other slice, end-diastole above end-systole."""
    pixels = grey(phantom.pixels, top_of(phantom))
    return np.vstack([np.hstack(pixels[1:9:2, phase]) for phase in (0, phantom.truth.es_phase)])


def labels(phantom: Phantom) -> NDArray[np.uint8]:
    """The hearts of the same frames with the true outlines."""
    top, rows = top_of(phantom), []
    for phase in (0, phantom.truth.es_phase):
        frames = []
        for index in range(1, 9, 2):
            frame = np.repeat(grey(phantom.pixels[index, phase], top)[..., None], 3, axis=2)
            truth = phantom.labels[index, phase]
            for label, colour in COLOURS.items():
                inside = truth == label
                edge = inside & ~(
                    np.roll(inside, 1, 0) & np.roll(inside, -1, 0) & np.roll(inside, 1, 1) & np.roll(inside, -1, 1)
                )
                frame[edge] = colour
            frames.append(frame[45:165, 70:200])
        rows.append(np.hstack(frames))
    return np.vstack(rows)


def styles() -> NDArray[np.uint8]:
    """The two manners of view: rectangular (Siemens) and a turned round field of view (GE)."""
    siemens = make_phantom()
    ge = make_phantom(
        acquisition=replace(
            Acquisition(), rows=256, columns=256, pixel_spacing_mm=1.37, in_plane_rotation_deg=-65.0, shading=1.3
        ),
        seed=12,
    )
    outside = outside_circle(short_axis(ge))
    left = grey(siemens.pixels[4, [0, siemens.truth.es_phase]], top_of(siemens))
    right = grey(np.where(outside, 0, ge.pixels[4, [0, ge.truth.es_phase]]).astype(np.uint16), top_of(ge))
    pad = (right.shape[1] - left.shape[1]) // 2
    return np.hstack([*np.pad(left, ((0, 0), (pad, pad), (0, 0))), *right])


def long_axis(phantom: Phantom) -> NDArray[np.uint8]:
    """The companions: four-chamber and two-chamber cine, end-diastole and end-systole."""
    top = top_of(phantom)
    four, two = companions(phantom)[:2]
    phases = (0, phantom.truth.es_phase)
    return np.hstack([grey(view.pixels[0, phase], top) for view in (four, two) for phase in phases])


def variety() -> NDArray[np.uint8]:
    """Hearts that seeds have drawn, at mid-ventricle."""
    frames = []
    for seed in range(12):
        phantom = random_phantom(seed, phases=2)
        middle = phantom.pixels[phantom.acquisition.slices // 2, 0]
        frames.append(np.asarray(Image.fromarray(grey(middle, top_of(phantom))).resize((170, 150))))
    return np.vstack([np.hstack(frames[:6]), np.hstack(frames[6:])])


def curve(phantom: Phantom) -> Image.Image:
    """Closed-form volumes (lines) and what the labels add up to (dots), LV and RV."""
    width, height, margin = 640, 320, 44
    image = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(image)
    times, truth = np.array(phantom.phase_times_ms), phantom.truth

    def at(time: float, volume: float) -> tuple[float, float]:
        return margin + time / phantom.shape.rr_ms * (width - 1.5 * margin), height - margin - volume * 1.4

    for volume in (0, 50, 100, 150):
        draw.line([at(0, volume), at(phantom.shape.rr_ms, volume)], fill="#dddddd")
        draw.text((6, at(0, volume)[1] - 6), f"{volume} mL", fill="black")
    for time in (0, 200, 400, 600, 800):
        draw.text((at(time, 0)[0] - 8, height - margin + 10), f"{time} ms", fill="black")
    area = np.prod(phantom.geometry.pixel_spacing_mm) * phantom.geometry.slice_spacing_mm / 1000.0
    for label, volumes, name in ((3, truth.lv_ml, "LV"), (1, truth.rv_ml, "RV")):
        points = [at(time, volume) for time, volume in zip(times, volumes, strict=True)]
        draw.line(points, fill=COLOURS[label], width=2)
        counted = (phantom.labels == label).sum(axis=(0, 2, 3)) * area
        for time, volume in zip(times, counted, strict=True):
            x, y = at(time, volume)
            draw.ellipse([x - 3, y - 3, x + 3, y + 3], outline=COLOURS[label], width=2)
        draw.text((points[-1][0] + 8, points[-1][1] - 6), name, fill=COLOURS[label])
    return image


if __name__ == "__main__":
    main()

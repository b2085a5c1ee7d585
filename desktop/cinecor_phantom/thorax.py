"""The chest around the heart: what stands still, as signal on a plane.

Patient coordinates with the origin in the middle of the chest: X to the left, Y to the back, Z to the head, mm. Organs
are simple solids whose coordinates a smooth texture has bent, so that none keeps a straight edge or a round one.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecor_phantom.canvas import Canvas
from cinecor_phantom.plane import ImagePlane
from cinecor_phantom.texture import Texture

Field = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class Thorax:
    """One person's chest: sizes in mm, and the textures that bend and fill it."""

    half_width_mm: float
    half_depth_mm: float
    fat_mm: float
    muscle_mm: float
    right_dome_mm: float  # height of the diaphragm's domes
    left_dome_mm: float
    bending: tuple[Texture, Texture, Texture]
    grain: Texture

    @classmethod
    def drawn(cls, generator: np.random.Generator, *, heart_front_mm: float) -> "Thorax":
        """Return a chest of adult size, deep enough for a heart that reaches so far in front of its middle."""
        fat_mm, muscle_mm = float(generator.uniform(9, 24)), float(generator.uniform(15, 22))
        needed = heart_front_mm + 1.25 * fat_mm + 0.7 * muscle_mm
        return cls(
            half_width_mm=float(generator.uniform(158, 182)),
            half_depth_mm=max(float(generator.uniform(106, 120)), needed),
            fat_mm=fat_mm,
            muscle_mm=muscle_mm,
            right_dome_mm=float(generator.uniform(-30, -12)),
            left_dome_mm=float(generator.uniform(-54, -42)),
            bending=(Texture.drawn(generator), Texture.drawn(generator), Texture.drawn(generator)),
            grain=Texture.drawn(generator),
        )

    def signal(self, plane: ImagePlane, tissue: dict[str, float], *, samples: int = 3) -> Field:
        """Return the signed signal (fat negative) of the chest on a plane (row, column), averaged through its slice."""
        points = plane.patient_points()
        bent = [
            9.0 * texture.at(*points, scale_mm=34.0) + 2.0 * texture.at(*points, scale_mm=11.0)
            for texture in self.bending
        ]
        grain = self.grain.at(*points, scale_mm=8.0)
        branch = self.grain.at(*(axis + np.float32(150.0) for axis in points), scale_mm=8.0)
        fine = self.grain.at(*(axis + np.float32(400.0) for axis in points), scale_mm=2.6)
        total = np.zeros(points[0].shape, dtype=np.float32)
        for offset in plane.thickness_mm * ((np.arange(samples) + 0.5) / samples - 0.5):
            x, y, z = (axis + bend for axis, bend in zip(plane.patient_points(float(offset)), bent, strict=True))
            canvas = Canvas(np.zeros_like(total), plane.spacing_mm)
            site = Site(x, y, z, grain=grain, branch=branch, fine=fine, tissue=tissue)
            inner = self._wall(canvas, site)
            self._abdomen(canvas, site, inner)
            self._mediastinum(canvas, site, inner)
            self._back(canvas, site)
            total += canvas.signal
        return total / np.float32(samples)

    def _depth(self, site: "Site") -> Field:
        """Return the depth under the skin, about: a superellipse seen along the ray to its middle."""
        g = (np.abs(site.x / self.half_width_mm) ** 2.4 + np.abs(site.y / self.half_depth_mm) ** 2.4) ** (1.0 / 2.4)
        return np.asarray(np.hypot(site.x, site.y) * (1.0 - g) / np.maximum(g, 1e-3), dtype=np.float32)

    def _wall(self, canvas: Canvas, site: "Site") -> Field:
        """Paint skin, fat, muscle and ribs, then lungs in all that is left; return the depth inside the pleura."""
        x, y, z, tissue, grain = site.x, site.y, site.z, site.tissue, site.grain
        fat = tissue["fat"] * (1.0 + 0.05 * grain + 0.04 * site.fine)
        depth = self._depth(site)
        side = np.abs(x) / self.half_width_mm
        fat_mm = self.fat_mm * (1.0 + 0.25 * np.sin(x / 60.0 + 1.0) + 0.3 * side**2)
        muscle_mm = self.muscle_mm * (0.75 + 0.45 * side + 0.45 * np.clip(y / 80.0, -0.3, 1.0))
        inner = depth - fat_mm - muscle_mm
        canvas.put(depth, tissue["skin"])
        canvas.put(depth - 2.0, fat)
        fascia = np.clip(site.branch, 0.0, 1.0) * 0.5
        canvas.put(0.8 - np.abs(depth - 0.5 * fat_mm - 4.0 * grain), tissue["muscle"], strength=fascia)
        canvas.put(depth - fat_mm, tissue["muscle"] * (1.0 + 0.15 * grain + 0.10 * site.fine))
        for share in (0.33, 0.62):  # fat between the muscle's layers
            layer = np.abs(depth - fat_mm - share * muscle_mm - 1.5 * grain)
            canvas.put(1.6 * np.clip(0.3 + site.branch, 0.0, 1.3) - layer, fat * 0.7, strength=0.8)
        # Ribs run down and forward; between them the intercostal muscle stays.
        rib = np.maximum(np.abs(np.mod(z + 0.45 * y, 27.0) - 13.5) - 6.0, np.abs(inner + 5.0) - 4.5)
        canvas.put(-rib, tissue["bone"])
        canvas.put(-rib - 2.0, -0.45 * fat)
        canvas.put(inner + 1.0, fat * 0.6)  # fat under the pleura
        canvas.put(inner - 1.0, tissue["lung"] * (1.0 + 0.4 * grain + 0.4 * site.fine))
        canvas.put(inner - 5.0, tissue["blood"], strength=0.8 * site.vessels)
        return np.asarray(inner, dtype=np.float32)

    def _abdomen(self, canvas: Canvas, site: "Site", inner: Field) -> None:
        """What lies under the two domes of the diaphragm: liver, stomach, spleen and fat."""
        x, y, z, tissue, grain = site.x, site.y, site.z, site.tissue, site.grain
        right = self.right_dome_mm - 62.0 * ((x + 78.0) / 108.0) ** 2 - 55.0 * ((y - 5.0) / 105.0) ** 2
        left = self.left_dome_mm - 45.0 * ((x - 70.0) / 95.0) ** 2 - 45.0 * ((y - 10.0) / 100.0) ** 2
        below = np.minimum(np.maximum(right, left) - z, inner - 1.0)
        canvas.put(below, tissue["muscle"])
        canvas.put(below - 2.5, tissue["fat"] * (0.95 + 0.06 * grain + 0.04 * site.fine))
        # The left lobe reaches across the midline in front, under the heart.
        liver = np.minimum(below - 3.0, 34.0 + 8.0 * grain - 0.75 * (y + 10.0) - x)
        canvas.put(liver, tissue["liver"] * (1.0 + 0.07 * grain + 0.05 * site.fine))
        canvas.put(liver - 6.0, tissue["venous"], strength=0.8 * site.vessels)
        stomach = np.minimum(site.ellipsoid((72.0, 12.0, -104.0), (50.0, 46.0, 46.0)), below - 4.0)
        canvas.put(stomach, tissue["muscle"])
        content = tissue["bowel"] * np.clip(0.7 + 0.4 * site.branch + 0.25 * site.fine, 0.1, 2.0)
        canvas.put(stomach - 3.5, content)
        spleen = np.minimum(site.ellipsoid((116.0, 46.0, -96.0), (30.0, 52.0, 52.0)), below - 3.0)
        canvas.put(spleen, tissue["spleen"] * (1.0 + 0.06 * grain))

    def _mediastinum(self, canvas: Canvas, site: "Site", inner: Field) -> None:
        """Sternum, and the fat between it and the heart."""
        fat = site.tissue["fat"] * (0.95 + 0.05 * site.grain + 0.05 * site.fine)
        front = np.minimum(site.ellipsoid((28.0, -88.0, -25.0), (66.0, 24.0, 85.0)), inner - 0.5)
        canvas.put(front, fat)
        canvas.put(site.ellipsoid((0.0, -self.half_depth_mm + 27.0, 10.0), (19.0, 8.0, 90.0)), site.tissue["marrow"])

    def _back(self, canvas: Canvas, site: "Site") -> None:
        """Spine, muscles beside it, aorta, oesophagus and inferior vena cava."""
        x, y, z, tissue, grain = site.x, site.y, site.z, site.tissue, site.grain
        muscle = np.minimum(62.0 - np.abs(x), y - 52.0 - 0.2 * np.abs(x))
        muscle = np.minimum(muscle, self._depth(site) - self.fat_mm)
        canvas.put(muscle, tissue["muscle"] * (1.0 + 0.15 * grain + 0.1 * site.fine))
        septum = 1.2 - np.abs(np.abs(x) - 24.0 - 3.0 * grain)
        canvas.put(np.minimum(muscle, septum), tissue["fat"] * 0.8, strength=0.8)
        disc = np.clip((np.abs(np.mod(z, 29.0) - 14.5) - 10.5) / 2.0, 0.0, 1.0)
        vertebra = site.tube(0.0, 60.0, 19.0)
        canvas.put(vertebra, tissue["bone"])
        marrow = (1.0 - 0.55 * disc) * (1.0 + 0.2 * grain + 0.2 * site.fine)
        canvas.put(vertebra - 1.8, tissue["marrow"] * marrow)
        canvas.put(site.tube(0.0, 88.0, 10.0), tissue["fat"] * 0.5)
        canvas.put(site.tube(0.0, 88.0, 8.5), tissue["fluid"])
        canvas.put(site.tube(0.0, 88.5, 4.8), tissue["cord"])
        canvas.put(site.tube(27.0, 46.0, 15.0), tissue["fat"] * 0.8)
        canvas.put(site.tube(27.0, 46.0, 12.6), tissue["heart"] * 0.7)
        canvas.put(site.tube(27.0, 46.0, 11.4), tissue["blood"] * (1.05 + 0.04 * site.fine))
        canvas.put(site.tube(4.0, 34.0, 8.0), tissue["muscle"] * (1.2 + 0.2 * site.fine))
        canvas.put(np.minimum(site.tube(-26.0, 14.0, 12.5), -z - 12.0), tissue["venous"])


@dataclass(frozen=True, slots=True, eq=False)
class Site:
    """Points of the chest (bent coordinates), the textures there, and the signal of each tissue."""

    x: Field
    y: Field
    z: Field
    grain: Field
    branch: Field
    fine: Field
    tissue: dict[str, float]

    @property
    def vessels(self) -> Field:
        """Near 1 along random branching curves: where two textures are zero together."""
        return np.asarray(np.exp(-((self.grain / 0.17) ** 2) - (self.branch / 0.17) ** 2), dtype=np.float32)

    def ellipsoid(self, centre_mm: tuple[float, float, float], radii_mm: tuple[float, float, float]) -> Field:
        """Return the depth inside an ellipsoid, about."""
        parts = zip((self.x, self.y, self.z), centre_mm, radii_mm, strict=True)
        f = np.sqrt(sum((((axis - c) / r) ** 2 for axis, c, r in parts), start=np.float32(0.0)))
        return np.asarray((1.0 - f) * min(radii_mm), dtype=np.float32)

    def tube(self, x_mm: float, y_mm: float, radius_mm: float) -> Field:
        """Return the depth inside an upright tube."""
        return np.asarray(radius_mm - np.hypot(self.x - x_mm, self.y - y_mm), dtype=np.float32)

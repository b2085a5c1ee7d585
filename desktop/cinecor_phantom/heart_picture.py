"""The beating heart as signal on a plane: ventricles, atria, great vessels and the fat that wraps them.

Only what the labels promise is exact (the outlines of cavity, epicardium and RV); papillary muscles, trabeculae, the
RV's wall, atria, vessels and fat are there for the eye and for a network that must not learn from cartoons.
"""

import math
from dataclasses import dataclass

import numpy as np

from cinecor_phantom.beat import HeartMoment
from cinecor_phantom.canvas import Canvas
from cinecor_phantom.heart_site import Field, HeartSite, Walls, radius_mm, vessel_mm
from cinecor_phantom.plane import ImagePlane
from cinecor_phantom.shape import HeartShape
from cinecor_phantom.texture import Texture
from cinecor_phantom.warp import InPlaneWarp

REACH_MM = 100.0  # farther than that from the long axis nothing of the heart moves
ABOVE_BASE_MM = 75.0
_LEAFLET_MM, _RING_MM = 0.8, 2.2  # half thickness of a leaflet, radius of the ring's cord


@dataclass(frozen=True, slots=True, eq=False)
class HeartPicture:
    """What one heart shows beyond its solids: textures, and where its papillary muscles stand."""

    shape: HeartShape
    warp: InPlaneWarp
    tissue: dict[str, float]
    muscle_grain: Texture
    blood_grain: Texture
    wall_grain: Texture
    papillary_rad: tuple[float, ...]
    valves: bool  # whether rings and leaflets are seen

    @classmethod
    def drawn(
        cls,
        generator: np.random.Generator,
        *,
        shape: HeartShape,
        warp: InPlaneWarp,
        tissue: dict[str, float],
        valves: bool = False,
    ) -> "HeartPicture":
        """Return the look of one heart."""
        # Anterolateral and posteromedial papillary muscle, each with two heads; image sense, y down.
        first, second = math.radians(generator.uniform(-45, -15)), math.radians(generator.uniform(95, 130))
        heads = (first, first + generator.uniform(0.35, 0.55), second, second + generator.uniform(0.35, 0.55))
        return cls(
            shape=shape,
            warp=warp,
            tissue=tissue,
            muscle_grain=Texture.drawn(generator),
            blood_grain=Texture.drawn(generator),
            wall_grain=Texture.drawn(generator),
            papillary_rad=tuple(float(head) for head in heads),
            valves=valves,
        )

    def frames(
        self, plane: ImagePlane, background: Field, moments: list[HeartMoment], *, samples: int = 4
    ) -> list[Field]:
        """Return the signed signal (row, column) of each moment on a plane, averaged through the slice."""
        x, y, z = plane.heart_points()
        near = (np.hypot(x, y) < REACH_MM) & (z > -ABOVE_BASE_MM) & (z < moments[0].epi.apex_mm + 25.0)
        if not near.any():
            return [background for _ in moments]
        rows, columns = (np.flatnonzero(near.any(axis=axis)) for axis in (1, 0))
        box = (slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1))
        site = HeartSite.of(
            plane,
            box,
            samples=samples,
            shape=self.shape,
            warp=self.warp,
            wall_grain=self.wall_grain,
            muscle_grain=self.muscle_grain,
        )
        frames = []
        for number, moment in enumerate(moments):
            frame = background.copy()
            canvas = Canvas(np.broadcast_to(background[box], site.rho.shape).copy(), plane.spacing_mm)
            self._paint(canvas, site, moment, turn=number / len(moments))
            frame[box] = canvas.signal.mean(axis=0)
            frames.append(frame)
        return frames

    def _paint(self, canvas: Canvas, site: HeartSite, moment: HeartMoment, *, turn: float) -> None:
        """Paint one moment from outside in; `turn` is the share of the cycle, which moves the blood."""
        swirl = 38.0 * math.sin(2 * math.pi * turn)
        middle = (site.x[:1], site.y[:1], site.z[:1])
        flow = 0.06 * self.blood_grain.at(middle[0], middle[1], middle[2] + swirl, scale_mm=6.0)
        flow += 0.04 * self.blood_grain.at(middle[0] + swirl, middle[1], middle[2], scale_mm=2.2)
        arterial = self.tissue["blood"] * (1.0 + flow)
        venous = self.tissue["venous"] * (1.0 + 1.2 * flow)
        muscle = self.tissue["heart"] * (1.0 + 0.10 * site.grain)
        walls = Walls.of(moment, site)
        self._fat(canvas, site, walls, muscle=muscle)
        if site.has_base:
            self._atria(canvas, site, moment, arterial=arterial, venous=venous, muscle=muscle)
        self._right(canvas, site, walls, moment, venous=venous, muscle=muscle)
        self._left(canvas, site, walls, moment, arterial=arterial, muscle=muscle)
        if self.valves and site.has_base:
            self._valves(canvas, site, walls, moment)

    def _fat(self, canvas: Canvas, site: HeartSite, walls: Walls, *, muscle: Field) -> None:
        """Epicardial fat, and the pericardium as the thin line around it."""
        outer = np.maximum(walls.epi - site.rho, np.where(np.abs(site.t) < 1.0, walls.free - site.rho, -99.0))
        fat_mm = self.shape.epicardial_fat_mm * np.clip(0.5 + 0.7 * site.wall + site.groove, 0.0, 3.0)
        inside = walls.below_base + 4.0
        canvas.put(np.minimum(outer + fat_mm + 1.6, inside), muscle)
        canvas.put(np.minimum(outer + fat_mm + 0.6, inside), self.tissue["fat"] * (1.0 + 0.06 * site.grain))

    def _right(
        self, canvas: Canvas, site: HeartSite, walls: Walls, moment: HeartMoment, *, venous: Field, muscle: Field
    ) -> None:
        """The RV's wall, then its blood crossed by trabeculae."""
        wall_mm = 2.6 + 1.2 * moment.contraction
        beside = (1.02 - np.abs(site.t)) * site.rho
        wall = np.minimum(np.minimum(walls.free + wall_mm - site.rho, beside), site.rho - walls.epi + 1.0)
        canvas.put(np.minimum(wall, walls.below_rv_base), muscle)
        blood = np.minimum(np.minimum(walls.free - site.rho, (1.0 - np.abs(site.t)) * site.rho), site.rho - walls.epi)
        blood = np.minimum(blood, walls.below_rv_base)
        canvas.put(blood, venous)
        strands = np.clip(0.9 * (site.strand - 0.9 + 0.4 * moment.contraction), 0.0, 0.6) * self.shape.trabeculation
        near_wall = np.clip(1.2 - (walls.free - site.rho) / 22.0, 0.15, 1.0)
        canvas.put(blood - 0.5, muscle, strength=strands * near_wall)

    def _left(
        self, canvas: Canvas, site: HeartSite, walls: Walls, moment: HeartMoment, *, arterial: Field, muscle: Field
    ) -> None:
        """LV muscle, blood, then the muscle inside the cavity that labels count as cavity."""
        canvas.put(np.minimum(walls.epi - site.rho, walls.below_base), muscle)
        trabeculae = site.trabeculae * ((1.0 + 0.6 * moment.contraction) * self.shape.trabeculation)
        canvas.put(np.minimum(walls.endo - trabeculae - site.rho, walls.below_base), arterial)
        if self.shape.trabeculation > 0.0:
            for head, angle in enumerate(self.papillary_rad):
                self._papillary(canvas, site, moment, angle=angle, minor=head % 2 == 1, muscle=muscle)

    def _valves(self, canvas: Canvas, site: HeartSite, walls: Walls, moment: HeartMoment) -> None:
        """The rings where the leaflets are hinged, dark, and the leaflets, which fade while they stand open."""
        collagen = 0.3 * self.tissue["heart"]
        shut = 1.0 if moment.contraction > 0.02 else 0.3
        in_rv = np.minimum(np.minimum(walls.free - site.rho, (1.0 - np.abs(site.t)) * site.rho), site.rho - walls.epi)
        on_free, on_septum = np.abs(walls.free - site.rho), np.abs(walls.epi - site.rho)
        for inside, to_ring, height in (
            (walls.endo - site.rho, walls.endo - site.rho, walls.below_base),
            (in_rv, np.where(np.abs(site.t) < 1.0, np.minimum(on_free, on_septum), 99.0), walls.below_rv_base),
        ):
            canvas.put(np.minimum(_LEAFLET_MM - np.abs(height), inside), collagen, strength=shut)
            canvas.put(_RING_MM - np.hypot(to_ring, height), collagen)

    def _papillary(
        self, canvas: Canvas, site: HeartSite, moment: HeartMoment, *, angle: float, minor: bool, muscle: Field
    ) -> None:
        endo = moment.endo
        share = (site.z - endo.base_mm) / (endo.apex_mm - endo.base_mm)  # 0 base, 1 apex
        size = (4.6 if minor else 6.0) * (1.0 + 0.1 * moment.contraction) * math.sqrt(self.shape.trabeculation)
        size = size * np.clip(np.minimum((share - 0.25) / 0.12, (0.95 - share) / 0.12), 0.0, 1.0)
        if not size.any():
            return
        radius = np.maximum(radius_mm(endo, site.z), 1.0)
        # Free near the base, where only chordae hold them; merged with the wall towards the apex.
        at = np.maximum(radius - 4.0 - 4.0 * np.clip((0.55 - share) / 0.3, 0.0, 1.0), 0.35 * radius)
        along = site.x * math.cos(angle) + site.y * math.sin(angle) - at
        across = site.y * math.cos(angle) - site.x * math.sin(angle)
        depth = size - np.hypot(along * 0.8, across * 1.15) + 0.9 * site.strand
        canvas.put(0.6 * np.minimum(depth, np.minimum(radius - site.rho, 20.0 * size)), muscle, strength=0.9)

    def _atria(
        self, canvas: Canvas, site: HeartSite, moment: HeartMoment, *, arterial: Field, venous: Field, muscle: Field
    ) -> None:
        """Left atrium, aortic root, right atrium and outflow tract, which ride on the base and fill while it falls."""
        x, y, z = site.x + 2.5 * site.wall, site.y + 2.0 * site.grain, site.z
        base, rv_base, fill = moment.endo.base_mm, moment.rv.base_mm, 1.0 + 0.12 * moment.contraction
        above = base - z - moment.endo.tilt * x

        def ellipsoid(centre_mm: tuple[float, float, float], radii_mm: tuple[float, float, float]) -> Field:
            parts = zip((x, y, z), centre_mm, radii_mm, strict=True)
            f = np.sqrt(sum((((axis - c) / r) ** 2 for axis, c, r in parts), start=np.float32(0.0)))
            return np.asarray((1.0 - f) * min(radii_mm), dtype=np.float32)

        def tube(start_mm: tuple[float, float, float], *, lean: tuple[float, float], radius_mm: float) -> Field:
            up = start_mm[2] - z
            radius = radius_mm * np.sqrt(np.clip(1.0 - (up / 62.0) ** 4, 0.0, 1.0)) - 4.0 * (up > 62.0)
            off = np.hypot(x - start_mm[0] - lean[0] * up, y - start_mm[1] - lean[1] * up)
            return np.asarray(np.minimum(radius - off, up + 2.0), dtype=np.float32)

        left = np.minimum(ellipsoid((7.0, 13.0, base - 22.0), (33.0 * fill, 25.0 * fill, 27.0)), above)
        right = np.minimum(ellipsoid((-44.0, 17.0, rv_base - 20.0), (25.0 * fill, 27.0 * fill, 30.0)), rv_base - z)
        aorta = np.minimum(tube((-12.0, -11.0, base), lean=(-0.25, 0.05), radius_mm=14.0), above)
        narrowing = 1.5 * moment.contraction
        outflow = tube((-24.0, -38.0, rv_base + 8.0), lean=(0.35, 0.20), radius_mm=14.0 - narrowing)
        if moment.lv_outflow is not None:
            aorta = np.minimum(vessel_mm(moment.lv_outflow, site), above)
        if moment.rv_outflow is not None:
            outflow = np.minimum(vessel_mm(moment.rv_outflow, site), rv_base + 10.0 - z)
        wrap = np.maximum(np.maximum(left, right), np.maximum(aorta, outflow))
        canvas.put(np.minimum(wrap + 7.0 + 3.0 * site.wall, above + 3.0), self.tissue["fat"])
        for depth, blood, wall_mm in (
            (outflow, venous, 2.6),
            (left, arterial, 1.8),
            (right, venous, 1.8),
            (aorta, arterial, 2.0),
        ):
            canvas.put(depth + wall_mm, muscle)
            canvas.put(depth, blood)

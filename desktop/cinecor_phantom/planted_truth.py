"""What is known of a phantom besides its volumes: rings of the valves, outflow tracts, regional wall."""

from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecor_phantom.annulus import crossings, in_patient, mitral_ring, tricuspid_ring
from cinecor_phantom.labels import draw_outflow
from cinecor_phantom.long_axis import long_axis_planes
from cinecor_phantom.patient import stack_geometry
from cinecor_phantom.phantom import Beating, Phantom
from cinecor_phantom.plane import stack_planes
from cinecor_phantom.wall_truth import wall_truth


def annulus_mm(phantom: Phantom) -> dict[str, dict[str, NDArray[np.float64]]]:
    """Return for each valve and long-axis view its ring's two points in that view, (phase, 2, 3) LPS mm.

    The left one in the image comes first. A view that does not cross a ring has no entry.
    """
    beating = Beating.of_phantom(phantom)
    found: dict[str, dict[str, NDArray[np.float64]]] = {"mitral": {}, "tricuspid": {}}
    rings = {
        "mitral": [in_patient(mitral_ring(moment), beating.warp) for moment in beating.moments],
        "tricuspid": [in_patient(tricuspid_ring(moment, phantom.shape), beating.warp) for moment in beating.moments],
    }
    for view, plane in long_axis_planes(phantom.acquisition).items():
        for valve, curves in rings.items():
            points = [crossings(curve, plane) for curve in curves]
            if all(len(pair) == 2 for pair in points):
                found[valve][view] = np.stack(points)
    return found


def annulus_descent_mm(phantom: Phantom) -> dict[str, NDArray[np.float64]]:
    """Return how far each ring has come down the long axis since end-diastole, (phase,) in mm."""
    moments = Beating.of_phantom(phantom).moments
    return {
        "mitral": np.array([moment.endo.base_mm - moments[0].endo.base_mm for moment in moments]),
        "tricuspid": np.array([moment.rv.base_mm - moments[0].rv.base_mm for moment in moments]),
    }


def outflow_ml(phantom: Phantom) -> dict[str, NDArray[np.float64]]:
    """Return the closed-form volumes of the outflow tracts, (phase,), of "lv" and "rv" as far as they are planted."""
    moments = Beating.of_phantom(phantom).moments
    tracts = {
        "lv": [moment.lv_outflow for moment in moments],
        "rv": [moment.rv_outflow for moment in moments],
    }
    return {
        side: np.array([tract.volume_ml() for tract in found if tract is not None])
        for side, found in tracts.items()
        if found[0] is not None
    }


def outflow_labels(phantom: Phantom) -> NDArray[np.uint8]:
    """Return where the outflow tracts lie beside the labels (slice, phase, row, column), see `draw_outflow`."""
    beating = Beating.of_phantom(phantom)
    geometry = stack_geometry(beating.beat, phantom.acquisition)
    planes = stack_planes(geometry, phantom.acquisition)
    return draw_outflow(beating.beat, beating.moments, planes=planes, warp=beating.warp, labels=phantom.labels)


def planted_json(phantom: Phantom) -> dict[str, Any]:
    """Return all of this as plain numbers; `segments` only where the wall is known in closed form (no wobble)."""
    told: dict[str, Any] = {
        "annulus_lps_mm": {
            valve: {view: np.round(points, 4).tolist() for view, points in views.items()}
            for valve, views in annulus_mm(phantom).items()
        },
        "annulus_descent_mm": {valve: descent.tolist() for valve, descent in annulus_descent_mm(phantom).items()},
    }
    if outflow := outflow_ml(phantom):
        told["outflow_ml"] = {side: volumes.tolist() for side, volumes in outflow.items()}
    if phantom.planted.wobble == 0.0:
        told["segments"] = [
            asdict(one) | {"thickening_mm": one.thickening_mm, "thickening_percent": one.thickening_percent}
            for one in wall_truth(phantom).segments()
        ]
    return told

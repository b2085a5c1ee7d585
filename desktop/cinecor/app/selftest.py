"""Whether this installation works: codecs, resources, models, folders, devices, desktop, a study of known volumes."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cinecor.app.installation import desktop_starts, folders_writable, resources_load
from cinecor.app.session import open_session
from cinecor.errors import CinecorError, ModelRefused
from cinecor.inference.device.choice_record import DeviceChoice
from cinecor.inference.device.model_session import Device, ModelSession
from cinecor.inference.device.onnx_runtime import CPU, CUDA, OnnxRuntime
from cinecor.inference.device.runnable_package import require_runnable
from cinecor.inference.outline.pipeline import segment
from cinecor.inference.package.model_package import read_package
from cinecor.inference.package.signature import is_signed
from cinecor.inference.store.model_store import BUNDLED, ModelStore, blamed_on_store
from cinecor.measure.measurement import measure
from cinecor.measure.measurements import Measurements
from cinecor.study import CineStack
from cinecor.study.dicom.frame_pixels import UndecodableFrame, decode_frames
from cinecor.study.dicom.pydicom_warnings import quiet_pydicom
from cinecor_phantom import TRANSFER_SYNTAXES, Acquisition, Truth, make_phantom
from cinecor_resources import bundled_model, encoded_frames

_FAR_OFF = 0.04  # root mean square, as a share of the brightest pixel, that a lossy syntax may change a noisy image
# A model that works stays well within these; they find broken arithmetic, not a reader's preference.
_VOLUME_ML, _EF_POINTS, _MASS_G = 25.0, 10.0, 45.0

# Test 2 of RFC 8032, section 7.1.
_KEY = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
_MESSAGE = b"\x72"
_SIGNED = (
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at."""

    name: str
    passed: bool
    text: str  # one sentence: what was found, or what is wrong and what to do
    model_refused: bool = False


@dataclass(frozen=True, slots=True)
class FoundDevice:
    """Something that models may run on here."""

    device: str  # as `--device` takes it
    name: str
    obstacle: str | None  # why it cannot be used, without a full stop; None when it may


@dataclass(frozen=True, slots=True)
class SelfTest:
    """Every check, the devices, and the choice among them made afresh (None when no model could be opened)."""

    checks: tuple[Check, ...]
    devices: tuple[FoundDevice, ...]
    choice: DeviceChoice | None

    @property
    def passed(self) -> bool:
        """Whether every check passed."""
        return all(check.passed for check in self.checks)


def selftest(*, device: Device = "auto") -> SelfTest:
    """Check everything that can be checked without a patient; a failure of one check does not stop the others."""
    checks = [_checked(f"codec {name}", _codec(name)) for name in TRANSFER_SYNTAXES]
    checks.append(_checked("resources", resources_load))
    checks.append(_checked("bundled model", _bundled))
    checks.append(_checked("active model", _active))
    checks.append(_checked("signature", _signature))
    checks.append(_checked("folders", folders_writable))
    checks.append(_checked("desktop", desktop_starts))
    machine = _checked("machine", _machine)
    checks.append(machine)
    session: ModelSession | None = None
    try:
        session = open_session(device=device, afresh=True)
    except Exception as error:  # noqa: BLE001  told like every other failure
        checks.append(_failed("device", error))
    if session is not None:
        checks.append(_device(session))
        checks.append(_checked("phantom", _phantom(session)))
    choice = None if session is None else session.choice
    return SelfTest(tuple(checks), _devices() if machine.passed else (), choice)


def _checked(name: str, look: Callable[[], str]) -> Check:
    try:
        return Check(name, True, look())
    except Exception as error:  # noqa: BLE001  one broken part must not hide the state of the others
        return _failed(name, error)


def _failed(name: str, error: Exception) -> Check:
    if isinstance(error, CinecorError):
        return Check(name, False, str(error), isinstance(error, ModelRefused))
    said = " ".join(str(error).split())
    return Check(name, False, f"{name} fails ({type(error).__name__}: {said}); install Cinecor again.")


def _codec(name: str) -> Callable[[], str]:
    """Decode the committed image of one transfer syntax and compare it with what it shows."""
    syntax = TRANSFER_SYNTAXES[name]

    def look() -> str:
        shown = np.load(encoded_frames() / "frame.npy").astype(np.float64)
        try:
            with quiet_pydicom():
                got = decode_frames(encoded_frames() / f"{name}.dcm", [0])[0].astype(np.float64)
        except UndecodableFrame as error:
            why = str(error).partition(":")[0].removeprefix(f"{syntax.uid.name} ")  # without the remedy for a scanner
            raise CinecorError(f"{syntax.uid.name} cannot be read here ({why}); install Cinecor again.") from error
        if syntax.lossless:
            near = bool(np.array_equal(got, shown))
        else:
            near = _rms_of_rest(got, shown) < _FAR_OFF * shown.max()
        if not near:
            raise CinecorError(
                f"{syntax.uid.name} is decoded to other pixels than were encoded; install Cinecor again."
            )
        return f"{syntax.uid.name} is decoded {'exactly' if syntax.lossless else 'closely'}."

    return look


def _rms_of_rest(got: NDArray[np.float64], shown: NDArray[np.float64]) -> float:
    """What is left after scaling: 8 bits hold the same picture with another slope, its brightest thousandth clipped."""
    kept = got < got.max()
    slope = (got[kept] @ shown[kept]) / (got[kept] @ got[kept])
    return float(np.sqrt(np.mean((got[kept] * slope - shown[kept]) ** 2)))


def _bundled() -> str:
    try:
        package = read_package(bundled_model())
        require_runnable(package)
    except ModelRefused as error:
        raise ModelRefused(
            f"The model that ships with Cinecor is not as it was made ({str(error).rstrip('.')}); "
            "install Cinecor again."
        ) from error
    manifest = package.manifest
    return f"{manifest.id} {manifest.version} is whole and runs ({', '.join(manifest.precisions)})."


def _active() -> str:
    store = ModelStore()
    stored = store.active()
    if stored.name == BUNDLED:
        return "The bundled model is the active one."
    trust = store.trust()
    with blamed_on_store():
        package = read_package(stored.path, trust=trust)
    manifest = package.manifest
    return f"{manifest.id} {manifest.version} is whole ({', '.join(manifest.precisions)}) and active."


def _signature() -> str:
    """Tell a signature that is right from one that is not, whether or not this workstation trusts any key."""
    right = is_signed(_MESSAGE, signature=_SIGNED, key=_KEY)
    wrong = is_signed(_MESSAGE + b"\x00", signature=_SIGNED, key=_KEY)
    if not right or wrong:
        raise CinecorError("Signatures of models cannot be checked here; install Cinecor again.")
    return "Signatures of models can be checked."


def _machine() -> str:
    """What there is to run on; that there is no GPU is no failure."""
    told = [f"{found.name} ({found.obstacle})" if found.obstacle else found.name for found in _devices()]
    return f"{'; '.join(told)}; ONNX Runtime {OnnxRuntime().version}."


def _devices() -> tuple[FoundDevice, ...]:
    engine = OnnxRuntime()
    hardware = engine.hardware
    features = f" ({', '.join(hardware.features)})" if hardware.features else ""
    cores = f", {hardware.cores} cores" if hardware.cores else ""
    return (
        FoundDevice("cpu", f"{hardware.processor}{features}{cores}", engine.obstacle(CPU)),
        FoundDevice("cuda", f"CUDA{''.join(f', {card}' for card in hardware.graphics)}", engine.obstacle(CUDA)),
    )


def _device(session: ModelSession) -> Check:
    return Check("device", session.fallback is None, session.fallback or session.device_reason)


def _phantom(session: ModelSession) -> Callable[[], str]:
    """Segment a heart whose volumes follow from closed forms."""

    def look() -> str:
        phantom = make_phantom(acquisition=Acquisition(phases=3, rows=144, columns=160))
        stack = CineStack(
            phantom.pixels.astype(np.float32),
            phantom.geometry,
            phantom.phase_times_ms,
            phantom.heart_rate_bpm,
            None,
            (),
        )
        found = measure(
            segment(stack, session).labels, geometry=phantom.geometry, heart_rate_bpm=phantom.heart_rate_bpm
        )
        return _compared(found, phantom.truth)

    return look


def _compared(found: Measurements, truth: Truth) -> str:
    rows = (
        ("LV EDV", found.lv.edv_ml, truth.lv_edv_ml, _VOLUME_ML, "mL"),
        ("LV ESV", found.lv.esv_ml, truth.lv_esv_ml, _VOLUME_ML, "mL"),
        ("LV EF", found.lv.ef_percent, truth.lv_ef_percent, _EF_POINTS, "%"),
        ("LV mass", found.lv.mass_g, truth.lv_mass_g, _MASS_G, "g"),
        ("RV EDV", found.rv.edv_ml, truth.rv_edv_ml, _VOLUME_ML, "mL"),
    )
    told = ", ".join(f"{name} {_number(got)} {unit} (known {known:.0f})" for name, got, known, _, unit in rows)
    if any(got is None or abs(got - known) > limit for _, got, known, limit, _ in rows):
        raise CinecorError(
            f"The model measures the phantom wrongly on this machine: {told}; "
            "try --device cpu, go back with “cinecor model rollback”, or install Cinecor again."
        )
    return f"{told}; limits ± {_VOLUME_ML:.0f} mL, {_EF_POINTS:.0f} points, {_MASS_G:.0f} g."


def _number(value: float | None) -> str:
    return "none" if value is None else f"{value:.0f}"

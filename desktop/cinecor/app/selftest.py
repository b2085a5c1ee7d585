"""Whether this installation works: codecs, resources, models, folders, devices, desktop, a study of known volumes."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cinecor.app.installation import desktop_starts, folders_writable, resources_load
from cinecor.app.session import open_session
from cinecor.errors import CinecorError, ModelRefused
from cinecor.failure import first_line
from cinecor.inference.device.chosen_device import DeviceChoice
from cinecor.inference.device.model_session import Device, ModelSession
from cinecor.inference.device.onnx_runtime import CPU, CUDA, OnnxRuntime
from cinecor.inference.device.proof import require_runnable
from cinecor.inference.outline.pipeline import segment
from cinecor.inference.package.model_package import read_package
from cinecor.inference.package.signature import is_signed
from cinecor.inference.store.model_store import ModelStore, blamed_on_store
from cinecor.inference.store.store_records import BUNDLED
from cinecor.measure.measurements import Measurements, measure
from cinecor.measure.quantity import quantity
from cinecor.measure.ventricle import Ventricle
from cinecor.message import Message
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
    message: Message  # what was found, or what is wrong and what to do
    model_refused: bool = False


@dataclass(frozen=True, slots=True)
class FoundDevice:
    """Something that models may run on here."""

    device: str  # as `--device` takes it
    name: str
    obstacle: Message | None  # why it cannot be used, in half a sentence; None when it may


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


def _checked(name: str, look: Callable[[], Message]) -> Check:
    try:
        return Check(name, True, look())
    except Exception as error:  # noqa: BLE001  one broken part must not hide the state of the others
        return _failed(name, error)


def _failed(name: str, error: Exception) -> Check:
    if isinstance(error, CinecorError):
        return Check(name, False, error.message, isinstance(error, ModelRefused))
    message = Message(
        "check_fails",
        "{name} fails ({kind}: {text}); install Cinecor again.",
        name=name,
        kind=type(error).__name__,
        text=first_line(error),
    )
    return Check(name, False, message)


def _codec(name: str) -> Callable[[], Message]:
    """Decode the committed image of one transfer syntax and compare it with what it shows."""
    syntax = TRANSFER_SYNTAXES[name]

    def look() -> Message:
        shown = np.load(encoded_frames() / "frame.npy").astype(np.float64)
        try:
            with quiet_pydicom():
                got = decode_frames(encoded_frames() / f"{name}.dcm", [0])[0].astype(np.float64)
        except UndecodableFrame as error:
            cause = error.__context__ or error  # what the library raised; the error itself has a remedy for a scanner
            raise CinecorError(
                Message(
                    "codec_fails",
                    "{syntax} cannot be read here ({kind}); install Cinecor again.",
                    syntax=syntax.uid.name,
                    kind=type(cause).__name__,
                )
            ) from error
        if syntax.lossless:
            near = bool(np.array_equal(got, shown))
        else:
            near = _rms_of_rest(got, shown) < _FAR_OFF * shown.max()
        if not near:
            raise CinecorError(
                Message(
                    "codec_wrong",
                    "{syntax} is decoded to other pixels than were encoded; install Cinecor again.",
                    syntax=syntax.uid.name,
                )
            )
        if syntax.lossless:
            return Message("decoded_exactly", "{syntax} is decoded exactly.", syntax=syntax.uid.name)
        return Message("decoded_closely", "{syntax} is decoded closely.", syntax=syntax.uid.name)

    return look


def _rms_of_rest(got: NDArray[np.float64], shown: NDArray[np.float64]) -> float:
    """Return what scaling leaves: 8 bits hold the picture with another slope, its brightest thousandth clipped."""
    kept = got < got.max()
    slope = (got[kept] @ shown[kept]) / (got[kept] @ got[kept])
    return float(np.sqrt(np.mean((got[kept] * slope - shown[kept]) ** 2)))


def _bundled() -> Message:
    try:
        package = read_package(bundled_model())
        require_runnable(package)
    except ModelRefused as error:
        raise ModelRefused(
            Message(
                "bundled_model_changed",
                "The model that ships with Cinecor is not as it was made; install Cinecor again. {why}",
                why=error.message,
            )
        ) from error
    manifest = package.manifest
    return Message(
        "bundled_model_whole",
        "{id} {version} is whole and runs ({precisions}).",
        id=manifest.id,
        version=manifest.version,
        precisions=", ".join(manifest.precisions),
    )


def _active() -> Message:
    store = ModelStore()
    stored = store.active()
    if stored.name == BUNDLED:
        return Message("bundled_model_active", "The bundled model is the active one.")
    trust = store.trust()
    with blamed_on_store():
        package = read_package(stored.path, trust=trust)
    manifest = package.manifest
    return Message(
        "active_model_whole",
        "{id} {version} is whole ({precisions}) and active.",
        id=manifest.id,
        version=manifest.version,
        precisions=", ".join(manifest.precisions),
    )


def _signature() -> Message:
    """Return that a right signature is told from a wrong one, whether or not this workstation trusts any key."""
    right = is_signed(_MESSAGE, signature=_SIGNED, key=_KEY)
    wrong = is_signed(_MESSAGE + b"\x00", signature=_SIGNED, key=_KEY)
    if not right or wrong:
        raise CinecorError(
            Message("signatures_fail", "Signatures of models cannot be checked here; install Cinecor again.")
        )
    return Message("signatures_checked", "Signatures of models can be checked.")


def _machine() -> Message:
    """Return what there is to run on; that there is no GPU is no failure."""
    told = tuple(
        Message("unusable_device", "{name} ({why})", name=found.name, why=found.obstacle)
        if found.obstacle
        else found.name
        for found in _devices()
    )
    return Message("machine", "{devices}; ONNX Runtime {version}.", devices=told, version=OnnxRuntime().version)


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


def _phantom(session: ModelSession) -> Callable[[], Message]:
    """Segment a heart whose volumes follow from closed forms."""

    def look() -> Message:
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


def _compared(found: Measurements, truth: Truth) -> Message:
    rows = tuple(
        (ventricle, one := quantity(field), one.of(found.of(ventricle)), known, limit)
        for ventricle, field, known, limit in (
            (Ventricle.LV, "edv_ml", truth.lv_edv_ml, _VOLUME_ML),
            (Ventricle.LV, "esv_ml", truth.lv_esv_ml, _VOLUME_ML),
            (Ventricle.LV, "ef_percent", truth.lv_ef_percent, _EF_POINTS),
            (Ventricle.LV, "mass_g", truth.lv_mass_g, _MASS_G),
            (Ventricle.RV, "edv_ml", truth.rv_edv_ml, _VOLUME_ML),
        )
    )
    told = tuple(
        Message(
            "measured_beside_known",
            "{ventricle} {name} {got} {unit} (known {known:.0f})",
            ventricle=ventricle.message,
            name=one.name,
            got=Message("none", "none") if got is None else round(got),
            unit=one.unit,
            known=known,
        )
        for ventricle, one, got, known, _ in rows
    )
    if any(got is None or abs(got - known) > limit for _, _, got, known, limit in rows):
        raise CinecorError(
            Message(
                "phantom_measured_wrongly",
                "The model measures the phantom wrongly on this machine: {told}; "
                "try --device cpu, go back with “cinecor model rollback”, or install Cinecor again.",
                told=told,
            )
        )
    return Message(
        "phantom_measured",
        "{told}; limits ± {volume_ml:.0f} mL, {ef_points:.0f} points, {mass_g:.0f} g.",
        told=told,
        volume_ml=_VOLUME_ML,
        ef_points=_EF_POINTS,
        mass_g=_MASS_G,
    )

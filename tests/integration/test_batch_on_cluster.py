"""The same cohort on a cluster of dask: the same manifest and results, also when a worker dies in mid-run."""

import datetime
import logging
import os
import signal
from collections import deque
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from cohorts import write_studies
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

distributed = pytest.importorskip("distributed")
dask = pytest.importorskip("dask")

from cinecor.app.cohort.cluster_workers import ClusterWorkers  # noqa: E402
from cinecor.app.cohort.cohort_run import CohortSettings, Redone, Settled, run_cohort  # noqa: E402
from cinecor.app.cohort.worker_messages import WorkerSettings  # noqa: E402
from cinecor.cohort.input_row import State  # noqa: E402
from cinecor.cohort.manifest import Manifest  # noqa: E402
from cinecor.errors import ModelStopped, UsageError  # noqa: E402
from cinecor.inference.package.model_file import open_model_file  # noqa: E402
from cinecor.inference.store.model_store import ModelStore  # noqa: E402
from cinecor.message import Message  # noqa: E402
from cinecor.study.study_walk import inputs_below  # noqa: E402

STUDIES = 8
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("cluster")
    (study,) = write_studies(place / "real", ("one",))
    (place / "root").mkdir()
    for number in range(STUDIES):
        (place / "root" / f"study{number}").symlink_to(study, target_is_directory=True)
    return place / "root"


@pytest.fixture
def cluster() -> Iterator[object]:
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=logging.CRITICAL
    ) as cluster:
        yield cluster


def test_that_each_study_is_done_once_although_a_worker_is_killed(root: Path, cluster: object, tmp_path: Path) -> None:
    out = tmp_path / "out"
    sha256 = open_model_file(ModelStore().active().path).sha256
    victim = next(iter(cluster.workers.values())).pid
    manifest = Manifest.open(out, resume=False)
    workers = ClusterWorkers(cluster.scheduler_address, WorkerSettings(None, "cpu", 1))
    written: dict[str, int] = {}
    try:
        for told in run_cohort(
            inputs_below(root),
            manifest=manifest,
            workers=workers,
            settings=CohortSettings(out, sha256),
            redone=Redone(),
        ):
            if isinstance(told, Settled):
                assert told.row.name not in written
                written[told.row.name] = (out / told.row.name / "results.json").stat().st_mtime_ns
                if len(written) == 2:
                    os.kill(victim, signal.SIGKILL)
    finally:
        workers.close()
    assert manifest.counts() == {State.DONE: STUDIES}
    assert written == {f"study{number}": written[f"study{number}"] for number in range(STUDIES)}
    for name, mark in written.items():
        assert (out / name / "results.json").stat().st_mtime_ns == mark
    manifest.close()


def test_that_an_address_without_scheduler_is_wrong_usage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cinecor.app.cohort.cluster_workers._CONNECT_S", 1.0)
    with pytest.raises(UsageError) as refused:
        ClusterWorkers("tcp://127.0.0.1:9", WorkerSettings(None, "cpu", 1))
    assert refused.value.message.code == "no_scheduler"


@pytest.mark.parametrize(("there", "why"), [(0, "there is none"), (1, "does not see")])
def test_that_a_scheduler_without_a_worker_that_can_work_ends_the_run(
    root: Path, tmp_path: Path, there: int, why: str
) -> None:
    with (
        distributed.LocalCluster(
            n_workers=there,
            threads_per_worker=1,
            processes=False,
            dashboard_address=None,
            silence_logs=logging.CRITICAL,
        ) as cluster,
        closing(Manifest.open(tmp_path / "out", resume=True)) as manifest,
    ):

        def wait_no_longer(_: Message) -> None:
            workers.wait_s = 0.0

        workers = ClusterWorkers(
            cluster.scheduler_address,
            WorkerSettings(None, "cpu", 1),
            seen=[root, tmp_path / "gone"],
            wait_s=300.0 if there else 0.5,
            tell=wait_no_longer,
        )
        told = run_cohort(
            inputs_below(root),
            manifest=manifest,
            workers=workers,
            settings=CohortSettings(tmp_path / "out", "m"),
            redone=Redone(),
        )
        with pytest.raises(ModelStopped) as stopped:
            deque(told, maxlen=0)
        workers.close()
        assert set(manifest.counts()) == {State.WAITING}  # no input is to blame
    assert stopped.value.message.code == "no_workers"
    assert why in str(stopped.value)


def _certificates(folder: Path) -> dict[str, str]:
    """Write an authority's certificate, and one with its key that the authority signed; return dask's settings."""
    now, day = datetime.datetime.now(datetime.UTC), datetime.timedelta(days=1)
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(2)]
    names = [x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]) for name in ("authority", "node")]
    for name, key, subject in (("ca", keys[0], names[0]), ("node", keys[1], names[1])):
        made = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(names[0])
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - day)
            .not_valid_after(now + day)
            .add_extension(x509.BasicConstraints(ca=name == "ca", path_length=None), critical=True)
            .sign(keys[0], hashes.SHA256())
        )
        (folder / f"{name}.pem").write_bytes(made.public_bytes(Encoding.PEM))
        secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (folder / f"{name}.key").write_bytes(secret)
    tls = "distributed.comm.tls"
    return {f"{tls}.ca-file": str(folder / "ca.pem")} | {
        f"{tls}.{role}.{part}": str(folder / f"node.{ending}")
        for role in ("scheduler", "worker", "client")
        for part, ending in (("cert", "pem"), ("key", "key"))
    }


def test_that_a_cluster_over_tls_takes_nobody_without_a_certificate(root: Path, tmp_path: Path) -> None:
    with (
        dask.config.set({**_certificates(tmp_path), "distributed.comm.require-encryption": True}),
        distributed.LocalCluster(
            n_workers=1, threads_per_worker=1, processes=False, protocol="tls://", dashboard_address=None,
            security=distributed.Security(), silence_logs=logging.CRITICAL,
        ) as cluster,
    ):  # fmt: skip
        assert cluster.scheduler_address.startswith("tls://")
        manifest = Manifest.open(tmp_path / "out", resume=False)
        workers = ClusterWorkers(cluster.scheduler_address, WorkerSettings(None, "cpu", 1))
        settings = CohortSettings(tmp_path / "out", open_model_file(ModelStore().active().path).sha256)
        source = iter(inputs_below(root / "study0"))
        try:
            list(run_cohort(source, manifest=manifest, workers=workers, settings=settings, redone=Redone()))
        finally:
            workers.close()
        assert manifest.counts() == {State.DONE: 1}
        manifest.close()
        (tmp_path / "stranger").mkdir()
        with dask.config.set(_certificates(tmp_path / "stranger")), pytest.raises(UsageError) as refused:
            ClusterWorkers(cluster.scheduler_address, WorkerSettings(None, "cpu", 1))
        assert refused.value.message.code == "no_scheduler"

"""Rules of the result folder: whole or not at all, whatever stops the writer."""

import csv
import json
import multiprocessing
import os
import stat

import nibabel
import numpy as np
import pytest

from cinecor.errors import OutputError
from cinecor.report.folder import result_files, write_files
from cinecor.report.names import FILES, input_id


@pytest.fixture
def write(tmp_path, results, stack, labels):
    """Write the small results to a folder, as they are or marked with a version that shows in every file."""

    def write_version(out_dir, *, name="study", version=0):
        marked = labels.copy()
        marked[0, 0, 0, :] = version % 4
        model = results.model.model_copy(update={"version": str(version)})
        volumes = results.volumes_ml.model_copy(update={"lv": [float(version)] * 4})
        told = results.model_copy(
            update={"input_id": input_id(tmp_path / "study_in"), "model": model, "volumes_ml": volumes}
        )
        files = result_files(told, labels=marked, stack=stack)
        return write_files(out_dir, name=name, files=files, input_path=tmp_path / "study_in")

    return write_version


def version_of(folder):
    """The version that all three files agree on; fails when one is missing, cut off or of another version."""
    document = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    version = int(document["model"]["version"])
    with (folder / "volumes.csv").open(encoding="utf-8", newline="") as file:
        assert [float(row["lv_ml"]) for row in csv.DictReader(file)] == [version] * 4
    labels = np.asarray(nibabel.load(folder / "segmentation.nii.gz").dataobj)
    assert labels.shape == (10, 8, 3, 4)
    assert set(labels[:, 0, 0, 0]) == {version % 4}
    return version


def test_that_three_files_and_nothing_else_are_written(tmp_path, write):
    folder = write(tmp_path / "new" / "out")
    assert folder.path == tmp_path / "new" / "out" / "study"
    assert {entry.name for entry in folder.path.iterdir()} == set(FILES)
    assert [entry.name for entry in folder.path.parent.iterdir()] == ["study"]
    assert folder.segmentation.is_file()
    assert folder.results.is_file()
    assert folder.volumes.is_file()
    assert version_of(folder.path) == 0


def test_that_earlier_results_are_replaced(tmp_path, write):
    write(tmp_path, version=1)
    write(tmp_path, version=2)
    assert version_of(tmp_path / "study") == 2
    assert [entry.name for entry in tmp_path.iterdir()] == ["study"]


def test_that_what_a_user_put_beside_the_results_stays(tmp_path, write):
    write(tmp_path, version=1)
    (tmp_path / "study" / "notes.txt").write_text("looks fine")
    (tmp_path / "study" / "figures").mkdir()
    (tmp_path / "study" / "figures" / "one.png").touch()
    write(tmp_path, version=2)
    assert version_of(tmp_path / "study") == 2
    assert (tmp_path / "study" / "notes.txt").read_text() == "looks fine"
    assert (tmp_path / "study" / "figures" / "one.png").exists()
    assert [entry.name for entry in tmp_path.iterdir()] == ["study"]


def test_that_a_folder_with_other_things_is_refused_and_untouched(tmp_path, write):
    (tmp_path / "study").mkdir()
    (tmp_path / "study" / "1.dcm").write_text("image")
    with pytest.raises(OutputError, match="holds other things"):
        write(tmp_path)
    assert [entry.name for entry in (tmp_path / "study").iterdir()] == ["1.dcm"]
    assert [entry.name for entry in tmp_path.iterdir()] == ["study"]


@pytest.mark.parametrize("change", [{"input_id": "of another input"}, {"notice": "Somebody else's."}])
def test_that_results_of_another_input_and_files_of_the_user_are_refused_and_untouched(tmp_path, write, change):
    folder = write(tmp_path, version=1)
    document = json.loads(folder.results.read_text(encoding="utf-8"))
    folder.results.write_text(json.dumps(document | change), encoding="utf-8")
    with pytest.raises(OutputError, match="another input's results"):
        write(tmp_path, version=2)
    assert version_of(folder.path) == 1
    assert [entry.name for entry in tmp_path.iterdir()] == ["study"]


def test_that_results_are_never_written_over_their_own_input(tmp_path, stack, labels, compose):
    inside = tmp_path / "study" / "segmentation.nii.gz"
    files = result_files(compose(stack, labels, input_path=inside), labels=labels, stack=stack)
    for _ in range(2):
        inside.parent.mkdir(exist_ok=True)
        inside.write_bytes(b"the user's own image")
        with pytest.raises(OutputError):
            write_files(tmp_path, name="study", files=files, input_path=inside)
        assert inside.read_bytes() == b"the user's own image"


def test_that_a_link_to_a_folder_elsewhere_is_not_followed(tmp_path, write):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "study").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OutputError):
        write(tmp_path)
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_that_a_file_in_place_of_the_output_folder_gives_one_line(tmp_path, write):
    (tmp_path / "out").touch()
    with pytest.raises(OutputError, match=r"cannot be written to .*out.*--out") as caught:
        write(tmp_path / "out")
    assert "\n" not in str(caught.value)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="permissions bind everyone but root")
def test_that_a_folder_without_permission_gives_one_line(tmp_path, write):
    tmp_path.chmod(0o500)
    with pytest.raises(OutputError, match="Permission denied"):
        write(tmp_path)


@pytest.mark.skipif(os.name != "posix", reason="modes are a POSIX matter")
def test_that_colleagues_can_read_the_results_as_the_umask_says(tmp_path, write):
    before = os.umask(0o022)
    try:
        folder = write(tmp_path)
    finally:
        os.umask(before)
    assert stat.S_IMODE(folder.path.stat().st_mode) == 0o755
    assert stat.S_IMODE(folder.results.stat().st_mode) == 0o644


def test_that_a_name_as_long_as_the_file_system_allows_can_be_written(tmp_path, write):
    assert version_of(write(tmp_path, name="x" * 250).path) == 0


def limit_file_size_and_write(write, out_dir, largest):
    import resource

    resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))
    with pytest.raises(OutputError, match="cannot be written"):
        write(out_dir, version=2)


needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


def in_child(function, *arguments):
    child = multiprocessing.get_context("fork").Process(target=function, args=arguments)
    child.start()
    return child


@needs_fork
@pytest.mark.parametrize("earlier", [False, True])
def test_that_a_full_disk_leaves_what_was_there(tmp_path, write, earlier):
    if earlier:
        write(tmp_path, version=1)
    child = in_child(limit_file_size_and_write, write, tmp_path, 300)
    child.join()
    assert child.exitcode == 0
    assert [entry.name for entry in tmp_path.iterdir()] == (["study"] if earlier else [])
    assert not earlier or version_of(tmp_path / "study") == 1

"""A file is replaced whole, and what writers that were killed have left beside it goes with the next."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from micrograd_nd import files
from micrograd_nd.files import replace_file

locking = pytest.mark.skipif(os.name != "posix", reason="needs locks of POSIX")

HALF_WRITTEN = """
import os, sys, time
from pathlib import Path
from micrograd_nd import files
def wait(descriptor):
    print("half", flush=True)
    time.sleep(60)
files.os.fsync = wait
files.replace_file(Path(sys.argv[1]), b"new")
"""


def names_in(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def half_written(tmp_path):
    """A process that is in the middle of writing to a path."""
    process = subprocess.Popen([sys.executable, "-c", HALF_WRITTEN, str(tmp_path / "run")], stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"half\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


@locking
def test_what_a_killed_writer_left_is_removed_by_the_next(half_written, tmp_path):
    half_written.send_signal(signal.SIGKILL)
    half_written.wait()
    assert len(names_in(tmp_path)) == 1
    replace_file(tmp_path / "run", b"content")
    assert names_in(tmp_path) == ["run"]
    assert (tmp_path / "run").read_bytes() == b"content"


@locking
def test_what_another_process_is_writing_is_left_alone(half_written, tmp_path):
    before = names_in(tmp_path)
    replace_file(tmp_path / "run", b"content")
    assert names_in(tmp_path) == [*before, "run"]


@locking
def test_only_unfinished_files_of_the_same_name_are_removed(tmp_path):
    others = [".other.01234567.tmp", ".run.b.01234567.tmp", ".run.0123456.tmp", ".run.0123456g.tmp", "run.01234567.tmp"]
    for name in others:
        (tmp_path / name).touch()
    (tmp_path / ".run.00000000.tmp").mkdir()
    (tmp_path / ".run.11111111.tmp").symlink_to(tmp_path / others[0])
    os.mkfifo(tmp_path / ".run.22222222.tmp")
    before = names_in(tmp_path)
    (tmp_path / ".run.01234567.tmp").touch()
    replace_file(tmp_path / "run", b"content")
    assert names_in(tmp_path) == sorted([*before, "run"])


def test_names_that_mean_something_to_patterns_are_only_names(tmp_path):
    for path in (tmp_path / "a+[b].c", tmp_path / ("x" * 200)):
        replace_file(path, b"content")
        assert path.read_bytes() == b"content"


def test_many_writers_of_one_name_at_once_all_write(tmp_path):
    path = tmp_path / "run"
    contents = [bytes([i]) * 1000 for i in range(6)]
    errors = []

    def write(content):
        try:
            for _ in range(20):
                replace_file(path, content)
        except Exception as error:  # noqa: BLE001 - it is looked at below
            errors.append(error)

    writers = [threading.Thread(target=write, args=(content,)) for content in contents]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert errors == []
    assert path.read_bytes() in contents
    assert names_in(tmp_path) == ["run"]


@locking
def test_a_writer_whose_file_is_taken_for_left_behind_begins_another(tmp_path, monkeypatch):
    lock, removed = files.lock, []

    def late(descriptor, wait):
        if wait and not removed:  # another writer has been here before the lock
            (unfinished,) = tmp_path.iterdir()
            unfinished.unlink()
            removed.append(unfinished)
        return lock(descriptor, wait)

    monkeypatch.setattr(files, "lock", late)
    replace_file(tmp_path / "run", b"content")
    assert len(removed) == 1
    assert names_in(tmp_path) == ["run"]


@locking
def test_where_there_are_no_locks_a_file_is_written_and_none_removed(tmp_path, monkeypatch):
    monkeypatch.setattr("fcntl.flock", lambda *args: (_ for _ in ()).throw(OSError("no locks")))
    left = tmp_path / ".run.01234567.tmp"
    left.touch()
    replace_file(tmp_path / "run", b"content")
    assert names_in(tmp_path) == [left.name, "run"]


def test_a_folder_that_cannot_be_listed_does_no_harm(tmp_path, monkeypatch):
    def refuse(path: Path):
        raise PermissionError(13, "no", str(path))

    monkeypatch.setattr(files.os, "scandir", refuse)
    replace_file(tmp_path / "run", b"content")
    assert (tmp_path / "run").read_bytes() == b"content"

"""Files of arrays: what is written is read, and what is damaged is noticed."""

import json
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from sim.storage import arrays

NUMBERS = st.one_of(hnp.integer_dtypes(), hnp.unsigned_integer_dtypes(), hnp.floating_dtypes(), hnp.boolean_dtypes())


@given(
    st.dictionaries(
        st.text(max_size=9), hnp.arrays(NUMBERS, hnp.array_shapes(min_dims=0, min_side=0, max_side=4)), max_size=4
    )
)
def test_what_is_written_is_read(tmp_path_factory, given_arrays):
    path = tmp_path_factory.mktemp("a") / "deep" / "x.arrays"
    arrays.write(path, given_arrays, {"year": 2024})
    about, found = arrays.read(path)
    assert about == arrays.read_header(path) == {"year": 2024}
    assert list(found) == list(given_arrays)
    for name, values in given_arrays.items():
        assert found[name].dtype == values.dtype and found[name].shape == values.shape
        assert found[name].tobytes() == values.tobytes() and found[name].flags.writeable
    assert [p.name for p in path.parent.iterdir()] == ["x.arrays"]


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "x.arrays"
    arrays.write(path, {"a": np.arange(100), "b": np.ones((3, 4))}, {"year": 1})
    return path


def test_every_byte_that_is_turned_is_noticed(file):
    whole = file.read_bytes()
    for position in range(0, len(whole), 7):
        broken = bytearray(whole)
        broken[position] ^= 0x10
        file.write_bytes(bytes(broken))
        try:
            _, found = arrays.read(file)
        except arrays.DamagedFile:
            continue
        assert (found["a"] == np.arange(100)).all() and (found["b"] == 1).all()  # padding carries nothing


@pytest.mark.parametrize("length", [0, 7, 47, 60, 500])
def test_a_file_cut_short_is_noticed(file, length):
    file.write_bytes(file.read_bytes()[:length])
    with pytest.raises(arrays.DamagedFile):
        arrays.read(file)


def test_objects_are_neither_written_nor_read(tmp_path, file):
    with pytest.raises(TypeError, match="not a number"):
        arrays.write(tmp_path / "y", {"a": np.array([{}])})
    assert not (tmp_path / "y").exists()
    text = json.dumps({"about": None, "arrays": {"a": {"dtype": "|O", "shape": [1], "at": 0, "sha256": ""}}}).encode()
    file.write_bytes(
        arrays.MAGIC + len(text).to_bytes(8, "little") + arrays.hashlib.sha256(text).digest() + text + bytes(200)
    )
    with pytest.raises(arrays.DamagedFile, match="not a number"):
        arrays.read(file)


def test_the_old_file_stays_when_writing_fails(file, monkeypatch):
    before = file.read_bytes()
    monkeypatch.setattr(arrays.os, "fsync", lambda _: (_ for _ in ()).throw(OSError(28, "full")))
    with pytest.raises(OSError, match="full"):
        arrays.write(file, {"a": np.zeros(9)})
    assert file.read_bytes() == before and len(list(file.parent.iterdir())) == 1


def test_arrays_may_change_before_the_file_is_on_the_disk(file, monkeypatch):
    monkeypatch.setattr(arrays, "LARGE", 1)  # as of a large array, pages are let go
    monkeypatch.setattr(arrays, "AT_ONCE", 1000)
    before, values = file.read_bytes(), np.arange(5000)
    with ThreadPoolExecutor(1) as disk:
        in_the_way = disk.submit(lambda: [file.read_bytes() == before for _ in range(50)])
        done = arrays.write_meanwhile(disk, file, {"a": values})
        values[:] = 0
        assert all(in_the_way.result())
        done.result()
    assert (arrays.read(file)[1]["a"] == np.arange(5000)).all()
    given = {"a": np.zeros(5000, int)}
    assert arrays.read(file, lambda wanted: given)[1]["a"] is given["a"] and given["a"][-1] == 4999

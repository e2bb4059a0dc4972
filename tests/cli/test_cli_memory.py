"""A run for which there is too little memory is refused before anything is written."""

from sim.runner import memory


def test_too_little_memory(inside, tmp_path, monkeypatch):
    monkeypatch.setattr(memory, "available", lambda: 2e9)
    done = inside("run", "baseline", "--scale", 1)
    assert done.code == 2
    assert "GB are free; the largest scale that fits is 0." in done.err and len(done.err.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_much_memory_is_told(inside, ensemble, tmp_path, monkeypatch):
    monkeypatch.setattr(memory, "available", lambda: 64e9)
    done = inside("run", "baseline", "--scale", 0.5, "--until", 2021)
    assert done.code == 0, done.err
    assert "Memory: about " in done.err and "64.0 GB free." in done.err
    quiet = inside("run", "baseline", "--scale", 0.5, "--until", 2021, "--overwrite", "--quiet")
    assert quiet.err == ""

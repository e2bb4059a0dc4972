"""The page on promises names tests that there are."""

import re
from pathlib import Path

TESTS = Path(__file__).parents[1]
PAGE = TESTS.parent / "docs" / "reference" / "promises.md"
NAMED = re.compile(r"`(?:tests/)?([\w/]+\.py)?(?:::(test_\w+))?`")


def test_every_test_that_is_named_is_there():
    found = 0
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        file = None
        for named in NAMED.finditer(line):
            file = TESTS / named[1] if named[1] else file
            if not (named[1] or named[2]):
                continue
            assert file is not None and file.is_file(), line
            if named[2]:
                assert f"def {named[2]}(" in file.read_text(encoding="utf-8"), named[0]
                found += 1
    assert found > 30

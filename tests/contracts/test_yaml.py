"""The fast reading of YAML says what the slow one says, which knows lines."""

import pytest
from ruamel.yaml import YAML

from gongkai.contracts.yaml import load_plain, load_tree
from gongkai.errors import ContractError
from gongkai.settings import ROOT

FILES = sorted(path for folder in ("data_contracts", "include") for path in (ROOT / folder).rglob("*.yml"))
TRICKY = """\
words: [no, yes, on, off, y, n, Y, N, 1:30, 1e3x, "", '7', 2021-1-1, 1.2.3, "0,5", 3440 件, .5.]
numbers: [0, 007, 010, -5, +5, 1.5, -.5, 1., 1e3, 1.5E-3, 12345678901234567890]
truth: [true, True, FALSE, false]
nothing: [null, ~, Null, ]
days: [2021-12-31]
no: 未公开
base: &base {a: 1, b: 2}
more: {<<: *base, b: 3}
text: |
  两行
  文字
"""


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_files_of_the_project_are_read_alike(path):
    assert load_plain(path) == load_tree(path)


def test_scalars_are_read_alike(tmp_path):
    path = tmp_path / "tricky.yml"
    path.write_text(TRICKY, encoding="utf-8")
    ours, theirs = load_plain(path), YAML(typ="safe", pure=True).load(TRICKY)
    assert ours == theirs
    assert [[type(one) for one in ours[name]] for name in ("words", "numbers", "truth", "nothing", "days")] == [
        [type(one) for one in theirs[name]] for name in ("words", "numbers", "truth", "nothing", "days")
    ]
    assert ours["more"] == {"a": 1, "b": 3}


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, "duplicate key 'a'"),
        ("top:\n  - {a: 1, a: 1}\n", 2, "duplicate key 'a'"),
        ("a: 1\nb: [2\n", 2, "did not find expected"),
        ("name: [", 1, "did not find expected"),
        ("a: 1\n b: 2\n", 2, "not allowed"),
        ("a: *nothing\n", 1, "alias"),
        ("a: !!python/object:os.system 1\n", 1, "tag"),
        ("a: 1\n---\nb: 2\n", 2, "another document"),
        ("a: \0\n", 1, "not valid YAML"),
        ("", 1, "empty"),
    ],
)
def test_what_is_broken_is_refused_with_its_line(tmp_path, text, line, said):
    path = tmp_path / "broken.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ContractError, match=said) as refused:
        load_plain(path)
    assert f"broken.yml:{line}" in str(refused.value)

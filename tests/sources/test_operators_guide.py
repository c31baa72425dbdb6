"""The examples of docs/operators.md and of the README are sources that load."""

import re

import pytest

from gongkai.settings import ROOT
from gongkai.sources.model import Assertions, Expect, Politeness, Source
from gongkai.sources.options import FolderOptions, HtmlListOptions, JsonListOptions, Pagination, SitemapOptions
from gongkai.sources.registry import load_source

HEAD = 'name: example\ntitle: 年报\npublisher: 某县\nregion: {code: "900121", name: 某县}\n'
GUIDE = (ROOT / "docs" / "operators.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda text: text.split(":")[0])
def test_an_example_loads(tmp_path, example):
    path = tmp_path / "example.yml"
    path.write_text(HEAD + example, encoding="utf-8")
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 12
    load_source(path)


def test_the_readme_shows_a_whole_source_of_at_most_ten_lines(tmp_path):
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    text = re.search(r"```yaml\n(name: yunling.*?)```", readme, re.DOTALL)[1]
    (tmp_path / "yunling.yml").write_text(text, encoding="utf-8")
    assert load_source(tmp_path / "yunling.yml").adapter == "html_list"
    assert len(text.splitlines()) <= 10


FORMS = [Source, Politeness, Assertions, Expect, HtmlListOptions, JsonListOptions, SitemapOptions, FolderOptions]


@pytest.mark.parametrize("form", [*FORMS, Pagination])
def test_every_option_is_in_the_guide(form):
    words = set(re.findall(r"\w+", GUIDE))
    assert set(form.model_fields) <= words

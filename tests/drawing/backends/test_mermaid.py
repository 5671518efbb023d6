"""Mermaid text: names are text and never markup."""

import re

from minigrad.drawing import draw
from tests.drawing import networks


def test_mermaid_has_no_markup_in_labels():
    text = draw(networks.expression_of(networks.NAMES), "expression").mermaid
    for label in re.findall(r'\["(.*)"\]$', text, re.MULTILINE):
        assert not re.search(r'["<>`&\\]', label.replace("<br/>", ""))

"""From a Document to a Report: identity, template match, values, chapters, stated figures."""

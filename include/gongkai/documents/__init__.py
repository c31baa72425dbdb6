"""One reader a format: bytes in, a Document of text blocks and grids out."""

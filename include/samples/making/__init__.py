"""Makes the sample documents: figures, text, forms, and a renderer a format."""

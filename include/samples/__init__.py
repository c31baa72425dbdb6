"""The bundled sample portal: its documents, their maker, and what `make run` starts around them."""

"""What can be wrong with a SQL model, said before anything heavy is imported."""


class BadModel(ValueError):
    """A model whose header or SQL cannot be read; the message is one sentence that names the file."""

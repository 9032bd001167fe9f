"""The root of the house's exceptions, and those of the media library."""


class VisGenError(Exception):
    """Everything this project raises on purpose; the message says what was given, what was expected and what to do."""


class MediaError(VisGenError):
    """The media library is missing, damaged or cannot be written."""


class MissingExtra(VisGenError, ImportError):
    """An optional stack is not installed; the message names the extra."""

    def __init__(self, package: str, extra: str) -> None:
        super().__init__(package, extra)
        self.package = package
        self.extra = extra

    def __str__(self) -> str:
        return f"{self.package!r} is not installed; it comes with the extra {self.extra!r}: pip install 'visgenenv[{self.extra}]'"


class UnknownAsset(MediaError, LookupError):
    """The library holds no such asset, or its file is gone."""

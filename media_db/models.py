"""The tables of a media library: assets, their tags, and what the library is."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    """Root of the tables."""


class AssetRow(Base):
    """One file."""

    __tablename__ = "assets"

    id: Mapped[int] = mapped_column(primary_key=True)
    modality: Mapped[str] = mapped_column(index=True)
    path: Mapped[str] = mapped_column(unique=True)
    """Relative to the library's folder, with forward slashes."""
    sha256: Mapped[str]
    bytes: Mapped[int]
    width: Mapped[int] = mapped_column(default=0)
    height: Mapped[int] = mapped_column(default=0)
    frames: Mapped[int] = mapped_column(default=0)
    fps_milli: Mapped[int] = mapped_column(default=0)
    duration_ms: Mapped[int] = mapped_column(default=0)
    caption: Mapped[str]
    source: Mapped[str]
    licence: Mapped[str]
    tags: Mapped[list[TagRow]] = relationship(
        back_populates="asset", cascade="all, delete-orphan", order_by="(TagRow.kind, TagRow.value)", lazy="selectin"
    )


class TagRow(Base):
    """One thing known of a file: an object in it, a colour, its tempo."""

    __tablename__ = "tags"
    __table_args__ = (Index("tag_by_value", "kind", "value"), {"sqlite_with_rowid": False})

    asset_id: Mapped[int] = mapped_column(ForeignKey("assets.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(primary_key=True)
    asset: Mapped[AssetRow] = relationship(back_populates="tags")


class MetaRow(Base):
    """One fact about the library itself: its seed, the renderer that drew it."""

    __tablename__ = "meta"

    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]

"""Seeded tasks."""

from visgenenv.types import Requirements, Task


def GENERATED(seed: int) -> Task:
    return Task(id=f"t{seed}", modality="image", prompt="two red balls", requirements=Requirements(count=2))


TRAIN = HELDOUT = IMAGE = VIDEO = GENERATED

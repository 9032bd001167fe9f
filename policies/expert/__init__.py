"""The teacher: an expert for every generated task type and for any task that says its requirements."""

from policies.expert.brief import Brief, Part, brief_of
from policies.expert.flaws import FLAWS, applicable
from policies.expert.recipe import Recipe, recipe
from policies.expert.teacher import Expert, inspecting

__all__ = ["FLAWS", "Brief", "Expert", "Part", "Recipe", "applicable", "brief_of", "inspecting", "recipe"]

"""Damages to a film's time, its sound and its words, each against one requirement of the task; plan and calls agree."""

from __future__ import annotations

import copy
from collections.abc import Sequence

from benchmarks.damages.damage import (
    ANIMATE,
    BEATS,
    CLIP,
    JOIN,
    MUSIC,
    PICTURE,
    SPEAK,
    TITLE,
    Damage,
    Rewrite,
    act_of,
    by_tool,
    exchange,
    insert_step,
    more,
    words,
)
from rewards.audit.script import Made, Move, Script

_LINE = ("Nothing to see here", "这里没有什么可看")

# time: how long, and in how many shots


def _seconds(script: Script, lengths: Sequence[int]) -> None:
    for move, seconds in zip(_clips(script), lengths, strict=True):
        move.arguments["duration"] = seconds


def _clips(script: Script) -> list[Move]:
    return [move for move in script.moves if move.tool in (CLIP, ANIMATE)]


def _lengths(script: Script) -> list[int]:
    return [move.arguments.get("duration", 8) for move in _clips(script)]


def _too_long(script: Script) -> bool | None:
    """Every clip longer or shorter than it should be; only where the single shots are free."""
    asked, lengths = script.task.requirements, _lengths(script)
    if asked.duration_s is None or asked.shot_s is not None or asked.beat or not lengths:
        return False
    _seconds(script, [4 if length > 4 else 8 for length in lengths])
    return None


def _uneven(script: Script) -> bool | None:
    """One shot longer and one shorter than asked, the film as long as before."""
    asked, lengths = script.task.requirements, _lengths(script)
    if asked.shot_s is None or asked.beat or lengths.count(6) < 2:
        return False
    one, two = [place for place, length in enumerate(lengths) if length == 6][:2]
    lengths[one], lengths[two] = 4, 8
    _seconds(script, lengths)
    return None


def _cut_in_two(script: Script) -> bool | None:
    """Every shot of eight seconds made as two of four."""
    asked, moves = script.task.requirements, _clips(script)
    film = by_tool(script, JOIN)
    if asked.shots is None or asked.shot_s is not None or asked.beat or not film or set(_lengths(script)) != {8} or len(moves) > 3:
        return False  # more clips than that are also more calls than an expert plans
    clips: list[Made] = []
    for move in moves:
        move.arguments["duration"] = 4
        second = script.move(move.tool, **copy.deepcopy(move.arguments))
        second.arguments["prompt"] += words(script, ", from behind", "，从背后看")
        script.acts[act_of(script, move)].moves.append(second)
        clips += [Made(move.key), Made(second.key)]
    film[0].arguments["clips"] = clips
    return more(script, moves[0].tool, len(moves))


def _shot_left_out(script: Script) -> bool | None:
    film = by_tool(script, JOIN)
    if not film or len(film[0].arguments["clips"]) < 2 or script.task.requirements.beat:
        return False
    film[0].arguments["clips"].pop()
    return None


def _still_for_a_clip(script: Script) -> bool | None:
    """A still picture of the same words in the place of a clip."""
    asked, clips = script.task.requirements, by_tool(script, CLIP)
    film = by_tool(script, JOIN)
    if not asked.moving or asked.consistency or asked.beat or not film or not more(script, CLIP, -1):
        return False
    exchange(script, clips[-1], script.move(PICTURE, prompt=clips[-1].arguments["prompt"], aspect_ratio="16:9"))
    place = next(place for place, step in enumerate(script.plan) if step.tool == JOIN)
    insert_step(script, place, PICTURE, words(script, "still picture", "静止画面"))
    return None


# what is heard and written


def _left_out(*names: str) -> Rewrite:
    """A sound that was made does not go into the film."""

    def rewrite(script: Script) -> bool | None:
        film = by_tool(script, JOIN)
        if not film or names[0] not in film[0].arguments:
            return False
        for name in names:
            film[0].arguments.pop(name, None)
        return None

    return rewrite


def _other_line(script: Script) -> bool | None:
    moves = by_tool(script, SPEAK)
    for move in moves:
        move.arguments["text"] = words(script, *_LINE)
    return None if moves else False


def _other_subtitles(script: Script) -> bool | None:
    titles = by_tool(script, TITLE)
    for move in titles:
        move.arguments["items"] = [{**item, "text": words(script, *_LINE)} for item in move.arguments["items"]]
    return None if titles else False


def _other_music(script: Script) -> bool | None:
    """Music of another kind, in the same tempo."""
    asked, music = script.task.requirements.music or (), by_tool(script, MUSIC)
    for move in music:
        for word in asked:
            move.arguments["prompt"] = move.arguments["prompt"].replace(word, words(script, "lullaby", "摇篮曲"))
    return None if asked and music else False


def _other_tempo(script: Script) -> bool | None:
    bpm, music = script.task.requirements.bpm, by_tool(script, MUSIC)
    if bpm is None or not music:
        return False
    for move in music:
        move.arguments["prompt"] = move.arguments["prompt"].replace(str(bpm), str(round(bpm * 0.8)))
    return None


def _not_on_the_beat(script: Script) -> bool | None:
    return _left_out("beats")(script) if script.task.requirements.beat and by_tool(script, BEATS) else False


DAMAGES = (
    Damage("a film too long or too short", "result", _too_long, ("result.duration_s",)),
    Damage("shots of uneven length", "result", _uneven, ("result.shot_s",)),
    Damage("twice as many shots, half as long", "result", _cut_in_two, ("result.shots",)),
    # The film is shorter by it, and lacks what that shot showed.
    Damage("a shot left out", "result", _shot_left_out, ("result.shots", "result.duration_s", "result.entities", "result.each")),
    # A still is shown for three seconds, whatever the clip lasted.
    Damage("a still for a clip", "result", _still_for_a_clip, ("result.moving", "result.duration_s", "result.shot_s")),
    # Without music there are no words for it, no tempo and no beat.
    Damage("music left out", "result", _left_out("bgm", "beats"), ("result.audio", "result.music", "result.bpm", "result.beat")),
    Damage("a voice left out", "result", _left_out("voice"), ("result.audio", "result.narration")),
    Damage("another line spoken", "result", _other_line, ("result.narration",)),
    Damage("other subtitles", "result", _other_subtitles, ("result.subtitles",)),
    Damage("music of another kind", "result", _other_music, ("result.music",)),
    # Cuts on the beat wait for the beats there are, so the film's length is another too.
    Damage("another tempo", "result", _other_tempo, ("result.bpm", "result.duration_s")),
    Damage("cuts off the beat", "result", _not_on_the_beat, ("result.beat",)),
)

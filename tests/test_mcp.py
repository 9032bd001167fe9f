"""Episodes over MCP: the official client plays one to success, and is refused what it must not have."""

import asyncio
import json
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from policies.expert import Expert
from visgenenv.env import VisGenEnv
from visgenenv.errors import ConfigError
from visgenenv.mcp_server import Desk, serve_http, server
from visgenenv.tasks.generator import GENERATED
from visgenenv.trajectories import load
from visgenenv.turns import MAX_CHARS, parse

mcp = pytest.importorskip("mcp", reason="the extra mcp is not installed")
pytestmark = pytest.mark.filterwarnings("ignore")

TASK = GENERATED.only(("event_promotion_videos",))(0)


def desk(folder: Path | None = None, **environment: Any) -> Desk:
    return Desk(VisGenEnv(**{"task": TASK, "system_prompt": "none", "on_failure": "truncate", **environment}), folder)


async def tell(client: Any, name: str, /, **arguments: Any) -> tuple[dict[str, Any], bool]:
    result = await client.call_tool(name, arguments)
    return json.loads(result.content[0].text), result.is_error


async def expert_episode(client: Any) -> dict[str, Any]:
    """What the expert would do, call by call, over MCP."""
    opening, refused = await tell(client, "new_episode", seed=0)
    assert not refused
    mirror = VisGenEnv(task=TASK, system_prompt="none")
    mirror.reset(seed=0)
    conversation, expert = mirror.conversation(), Expert()
    assert opening["task"] == conversation.messages[0]["content"]
    while True:
        (turn,) = expert.act([conversation])
        parsed = parse(turn, first=False)
        if parsed.plan is not None:
            steps = [{"id": s.id, "tool": s.tool, "goal": s.goal, "n": s.n, "after": list(s.after)} for s in parsed.plan.steps]
            await tell(client, "submit_plan", steps=steps)
        if parsed.answer is not None:
            result, refused = await tell(client, "submit_answer", deliverables=list(parsed.answer.deliverables))
            assert not refused
            return result
        answers = []
        for call in parsed.calls:
            answer, refused = await tell(client, call.name, **call.arguments)
            assert not refused, answer
            answers.append(f"<tool_response>{json.dumps(answer)}</tool_response>")
        conversation.messages += [{"role": "assistant", "content": turn}, {"role": "user", "content": "\n".join(answers)}]


def over(place: Any, talk: Any) -> Any:
    async def run() -> Any:
        async with mcp.Client(place) as client:
            return await talk(client)

    return asyncio.run(run())


def test_a_client_lists_the_tools_with_their_schemas() -> None:
    async def talk(client: Any) -> list[Any]:
        return (await client.list_tools()).tools  # type: ignore[no-any-return]

    tools = {tool.name: tool for tool in over(server(desk()), talk)}
    assert len(tools) == 39
    assert {"new_episode", "submit_plan", "submit_answer"} <= set(tools)
    assert tools["tool_text2image_gemini"].input_schema["required"] == ["prompt"]


def test_a_client_plays_an_episode_to_success() -> None:
    result = over(server(desk()), expert_episode)
    assert result["success"]
    assert result["reward"] > 0.9


def test_what_a_client_must_not_have_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "episodes"
    folder.mkdir()

    async def talk(client: Any) -> None:
        for name in ("tool_music_suno", "submit_answer", "save_episode"):
            answer, refused = await tell(client, name, **({"name": "x"} if name == "save_episode" else {}))
            assert refused, answer
        await tell(client, "new_episode", seed=0)
        answer, refused = await tell(client, "tool_text2image_gemini", prompt="x" * (MAX_CHARS + 1))
        assert refused
        assert f"expected at most {MAX_CHARS}" in answer["error"]
        answer, refused = await tell(client, "tool_image_edit_gemini", prompt="x", images=["img_9"])
        assert refused
        assert answer["error"] == "unknown_handle"
        answer, refused = await tell(client, "no_such_tool")
        assert refused
        assert answer["error"] == "unknown_tool"
        for uri in ("file:///etc/passwd", "visgen://asset/../../etc/passwd", "visgen://asset/img_9"):
            with pytest.raises(Exception, match=r"expected visgen://task|names no asset"):
                await client.read_resource(uri)
        await tell(client, "submit_answer", deliverables=[])
        for name in ("../x.jsonl", "/tmp/x.jsonl", "a/b.jsonl", ".hidden.jsonl", "", "notes.txt", "x" * 200 + ".jsonl"):
            answer, refused = await tell(client, "save_episode", name=name)
            assert refused, name
            assert "expected a plain file name" in answer["error"]

    over(server(desk(folder)), talk)
    assert list(folder.iterdir()) == []
    assert [path.name for path in tmp_path.iterdir()] == ["episodes"]


def test_nothing_that_is_there_is_written_over_or_followed(tmp_path: Path) -> None:
    folder, outside = tmp_path / "episodes", tmp_path / "secret"
    folder.mkdir()
    outside.write_text("mine")
    (folder / "link.jsonl").symlink_to(outside)
    (folder / "there.jsonl").write_text("mine too")
    own = desk(folder)
    own.call("new_episode", {"seed": 0})
    own.call("submit_answer", {"deliverables": []})
    for name in ("link.jsonl", "there.jsonl"):
        answer, refused = own.call("save_episode", {"name": name})
        assert refused
        assert "expected a new file name" in answer
    assert (outside.read_text(), (folder / "there.jsonl").read_text()) == ("mine", "mine too")


def test_a_policy_may_not_read_what_its_task_requires() -> None:
    own = desk()
    own.call("new_episode", {"seed": 0})
    told = own.read("visgen://task") + own.call("new_episode", {"seed": 0})[0]
    assert "requirements" not in told
    assert "entities" not in told


def test_a_finished_episode_is_saved_and_assets_can_be_read(tmp_path: Path) -> None:
    async def talk(client: Any) -> None:
        await tell(client, "new_episode", seed=0)
        await tell(client, "tool_text2image_gemini", prompt="a fox")
        resources = (await client.list_resources()).resources
        assert [str(resource.uri) for resource in resources] == ["visgen://task", "visgen://asset/img_1"]
        read = await client.read_resource("visgen://asset/img_1")
        assert json.loads(read.contents[0].text) == {"handle": "img_1", "size": "1024x1024"}
        await tell(client, "submit_answer", deliverables=["img_1"])
        answer, refused = await tell(client, "save_episode", name="one.jsonl")
        assert (answer, refused) == ({"saved": "one.jsonl"}, False)

    over(server(desk(tmp_path)), talk)
    (episode,) = load(tmp_path / "one.jsonl")
    assert [call.tool for call in episode.calls] == ["tool_text2image_gemini"]


@pytest.mark.parametrize("arguments", [{"seed": -1}, {"seed": "x"}, {"seed": 2**70}, {"seed": None}, {"sead": 5}])
def test_nonsense_is_answered_and_breaks_nothing(arguments: dict[str, Any]) -> None:
    own = desk()
    answer, refused = own.call("new_episode", arguments)
    assert refused, answer
    assert own.call("new_episode", {"seed": 1})[1] is False
    deep: Any = 0
    for _ in range(5000):
        deep = [deep]
    for name, given in (
        ("submit_plan", {"steps": 3}),
        ("submit_answer", {"deliverables": 3}),
        ("tool_text2image_gemini", {"prompt": deep}),
        ("tool_text2image_gemini", {"prompt": "猫" * 20_000}),
    ):
        answer, refused = own.call(name, given)
        assert refused, answer
        assert "expected" in answer
    assert own.env.state.turns == [], "none of this cost a turn"
    assert own.call("tool_text2image_gemini", {"prompt": "a fox"})[1] is False


def test_over_standard_input_and_output() -> None:
    command = mcp.StdioServerParameters(
        command=sys.executable,
        args=["-m", "visgenenv", "serve", "mcp", "--task-types", "event_promotion_videos"],
    )
    result = over(command, expert_episode)
    assert result["success"]


def test_over_loopback_http(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    line = [sys.executable, "-m", "visgenenv", "serve", "mcp", "--transport", "http", "--port", str(port)]
    served = subprocess.Popen([*line, "--task-types", "event_promotion_videos"], stderr=subprocess.DEVNULL)
    try:
        for _ in range(200):
            with socket.socket() as knock:
                if knock.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        assert over(f"http://127.0.0.1:{port}/mcp", expert_episode)["success"]
    finally:
        served.terminate()
        served.wait(20)


def test_no_other_address_than_loopback_is_served() -> None:
    with pytest.raises(ConfigError, match="expected one of 127"):
        serve_http(desk(), "0.0.0.0")

"""An episode for any MCP client: the environment's tools, and three of its own, over stdio or loopback HTTP.

A client begins with `new_episode`, calls tools as it likes (each call is a turn), may lay down a plan with `submit_plan`,
and ends with `submit_answer`, which tells reward and success. A server plays one episode at a time, whoever calls: it is
for one client. `visgen://` resources show what its policy may know: the task's words, and the assets as they were told.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from visgenenv.answers import describe, shortened
from visgenenv.env import VisGenEnv
from visgenenv.errors import ConfigError, MissingExtra, VisGenError
from visgenenv.tools.explain import explain
from visgenenv.trajectories import save
from visgenenv.turns import MAX_CHARS, encodable, from_openai, openai_tools
from visgenenv.types import Answer, JSONObject, Plan, Trajectory

T = TypeVar("T")
LOOPBACK = ("127.0.0.1", "localhost", "::1")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,90}\.jsonl")
_NEW: JSONObject = {
    "name": "new_episode",
    "description": "Begin an episode; answers with the task. Whatever was running is given up.",
    "parameters": {"type": "object", "properties": {"seed": {"type": "integer", "minimum": 0}}, "additionalProperties": False},
}
_SAVE: JSONObject = {
    "name": "save_episode",
    "description": "Write the finished episode's trajectory into the server's folder, under a new file name that ends in .jsonl.",
    "parameters": {
        "type": "object",
        "properties": {"name": {"type": "string", "maxLength": 100}},
        "required": ["name"],
        "additionalProperties": False,
    },
}


class Refused(VisGenError):
    """What a client asked for and does not get; the message says why and what to do."""


class Desk:
    """One environment served to one client at a time: calls in, answers out; knows nothing of MCP."""

    def __init__(self, env: VisGenEnv, folder: Path | None = None, seed: int = 0) -> None:
        self.env = env
        if folder is not None:
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise ConfigError(f"folder {str(folder)!r}: cannot be made: {error.strerror}") from error
        self.folder = None if folder is None else folder.resolve()
        self._seed = seed
        self._plan: JSONObject | None = None
        self._running = False
        self.finished: Trajectory | None = None

    @property
    def functions(self) -> list[JSONObject]:
        """Name, description and parameters of everything that may be called."""
        own = [_NEW, *(schema["function"] for schema in openai_tools()), *([_SAVE] if self.folder is not None else [])]
        return own + [tool.schema["function"] for tool in self.env.tools.values()]

    def call(self, name: str, arguments: Mapping[str, Any]) -> tuple[str, bool]:
        """The answer to a call, and whether it is a refusal; never raises for what a client sent."""
        name = shortened(encodable(name), 100)
        try:
            size = len(msgspec.json.encode(arguments))
            if size > MAX_CHARS:
                raise Refused(f"the arguments have {size} bytes; expected at most {MAX_CHARS}: say less")
            if name == "new_episode":
                return self._begin(arguments), False
            if name == "save_episode" and self.folder is not None:
                return self._save(arguments.get("name")), False
            if not self._running:
                raise Refused(f"{name}: there is no episode; call new_episode first")
            if name == "submit_plan":
                self._plan = msgspec.to_builtins(_typed(name, arguments, Plan))
                return '{"planned":true}', False
            return self._turn(name, dict(arguments) if name != "submit_answer" else msgspec.to_builtins(_typed(name, arguments, Answer)))
        except RecursionError:
            return msgspec.json.encode({"error": "the arguments are nested too deep; expected plain JSON"}).decode(), True
        except (VisGenError, TypeError, ValueError) as error:
            return msgspec.json.encode({"error": shortened(str(error), 1000)}).decode(), True

    def read(self, uri: str) -> str:
        """A resource as JSON: `visgen://task` or `visgen://asset/HANDLE`; raises `Refused` for any other."""
        kind, _, handle = uri.removeprefix("visgen://").partition("/")
        if not uri.startswith("visgen://") or not (self._running or self.finished):
            raise Refused(f"{uri[:200]!r}: expected visgen://task or visgen://asset/HANDLE of a running episode")
        state = self.env.state
        if (kind, handle) == ("task", ""):
            return msgspec.json.encode({"task": state.opening, "modality": state.task.modality, "language": state.task.language}).decode()
        asset = state.workspace.assets.get(handle)
        if kind != "asset" or asset is None:
            raise Refused(f"{uri[:200]!r}: names no asset of this episode; there are {', '.join(state.workspace.assets) or 'none yet'}")
        return msgspec.json.encode(describe(asset)).decode()

    def uris(self) -> list[str]:
        """Resources that can be read now."""
        if not (self._running or self.finished):
            return []
        return ["visgen://task", *(f"visgen://asset/{handle}" for handle in self.env.state.workspace.assets)]

    def _begin(self, arguments: Mapping[str, Any]) -> str:
        unknown = set(arguments) - {"seed"}
        if unknown:
            raise Refused(f"new_episode: {sorted(unknown)!r} unknown; expected only seed")
        seed = arguments.get("seed", self._seed)
        if isinstance(seed, bool) or not isinstance(seed, int):
            raise Refused(f"seed={seed!r}: expected an integer of at least 0")
        observation, info = self.env.reset(seed=seed)
        self._seed, self._plan, self._running, self.finished = (seed + 1) % 2**31, None, True, None
        return msgspec.json.encode({"task": observation, "modality": info["task"].modality, "seed": seed}).decode()

    def _turn(self, name: str, arguments: Mapping[str, Any]) -> tuple[str, bool]:
        """One call as a turn; a plan that waits goes with it."""
        calls = [{"function": {"name": name, "arguments": dict(arguments)}}]
        if self._plan is not None:
            calls.insert(0, {"function": {"name": "submit_plan", "arguments": self._plan}})
        text = from_openai({"content": "acting through MCP", "tool_calls": calls})
        if len(text) > MAX_CHARS:
            raise Refused(f"{name}: as a turn this has {len(text)} characters; expected at most {MAX_CHARS}: say less")
        self._plan = None
        observation, reward, terminated, truncated, info = self.env.step(text)
        body = observation.removeprefix("<tool_response>").removesuffix("</tool_response>")
        if not (terminated or truncated):
            return body, '"error":' in body and "error" in msgspec.json.decode(body)
        self._running, self.finished = False, info["trajectory"]
        parts = {} if info["reward_parts"] is None else info["reward_parts"].parts
        told = {part: round(score.value, 4) for part, score in parts.items() if score is not None}
        why = {part: score.reason[:120] for part, score in parts.items() if score is not None and score.value < 1 and score.reason}
        done: JSONObject = {"reward": None if info["reward_parts"] is None else reward, "success": info["is_success"], "parts": told}
        done |= {"why": why} if why else {}
        if body:
            done["last"] = body
        return msgspec.json.encode(done).decode(), False

    def _save(self, name: object) -> str:
        assert self.folder is not None, "it is offered only then"
        if self.finished is None:
            raise Refused("save_episode: no episode has ended yet; submit_answer first")
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            given = "(missing)" if name is None else repr(str(name)[:100])
            raise Refused(f"name={given}: expected a plain file name that ends in .jsonl; it goes into the server's own folder")
        path = self.folder / name
        try:
            path.open("xb").close()  # takes the name, and follows no link
        except FileExistsError:
            raise Refused(f"name={name!r}: is there already; expected a new file name") from None
        except OSError as error:
            raise Refused(f"name={name!r}: cannot be written: {error.strerror}") from None
        try:
            save(path, [self.finished])
        except VisGenError:
            path.unlink()  # the name that was taken is free again
            raise
        return msgspec.json.encode({"saved": name}).decode()


def _typed(name: str, arguments: Mapping[str, Any], kind: type[T]) -> T:
    """Arguments of one of our own tools in their type, or the refusal that says what is wrong; no turn is spent on it."""
    try:
        return msgspec.convert(dict(arguments), kind)
    except msgspec.ValidationError as error:
        raise Refused(f"{name}: {explain(str(error), dict(arguments), kind)}") from error


def server(desk: Desk) -> Any:
    """The desk as a server of the official `mcp` package; raises `MissingExtra` without it."""
    try:
        import mcp_types as types
        from mcp.server.lowlevel import Server
        from mcp.shared.exceptions import MCPError
    except ImportError as error:
        raise MissingExtra("mcp", "mcp") from error

    async def list_tools(context: Any, params: Any) -> Any:
        tools = [types.Tool(name=f["name"], description=f["description"], input_schema=f["parameters"]) for f in desk.functions]
        return types.ListToolsResult(tools=tools)

    async def call_tool(context: Any, params: Any) -> Any:
        text, refused = desk.call(params.name, params.arguments or {})
        return types.CallToolResult(content=[types.TextContent(type="text", text=text)], is_error=refused)

    async def list_resources(context: Any, params: Any) -> Any:
        resources = [types.Resource(uri=uri, name=uri.removeprefix("visgen://"), mime_type="application/json") for uri in desk.uris()]
        return types.ListResourcesResult(resources=resources)

    async def read_resource(context: Any, params: Any) -> Any:
        try:
            text = desk.read(params.uri)
        except Refused as refused:
            raise MCPError(types.INVALID_PARAMS, str(refused)) from refused
        return types.ReadResourceResult(contents=[types.TextResourceContents(uri=params.uri, mime_type="application/json", text=text)])

    return Server(
        "visgen",
        instructions="Call new_episode, then the tools, then submit_answer with the handles of what you made.",
        on_list_tools=list_tools,
        on_call_tool=call_tool,
        on_list_resources=list_resources,
        on_read_resource=read_resource,
    )


def serve_stdio(desk: Desk) -> None:
    """Serve on standard input and output until the client goes."""
    served = server(desk)
    import anyio
    from mcp.server.stdio import stdio_server

    async def run() -> None:
        async with stdio_server() as (reading, writing):
            await served.run(reading, writing, served.create_initialization_options())

    anyio.run(run)


def serve_http(desk: Desk, host: str = "127.0.0.1", port: int = 8765) -> None:
    """Serve streamable HTTP on a loopback address (path /mcp) until interrupted; raises `ConfigError` for any other address."""
    if host not in LOOPBACK:
        raise ConfigError(f"host={host!r}: expected one of {', '.join(LOOPBACK)}; the server has no users to tell apart")
    app = server(desk).streamable_http_app(host=host)
    import uvicorn

    uvicorn.run(app, host=host, port=port, log_level="warning")

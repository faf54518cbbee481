"""The route by which the node is told what to do."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from node.control.commands import Commands
from node.control.errors import ControlError
from node.control.query import body
from node.control.server import peer_of


def command_route(commands: Commands) -> Route:
    """``POST /commands/NAME`` with a key and arguments; the same key does it only once."""

    async def command(request: Request) -> Response:
        said = await body(request)
        arguments = said.get("arguments", {})
        if not isinstance(arguments, dict):
            raise ControlError(400, "bad_argument", "arguments: expected an object")
        uid, pid = peer_of(request.scope)
        done = await commands.give(request.path_params["name"], str(said.get("key", "")), arguments, uid, pid)
        return JSONResponse(done)

    return Route("/commands/{name}", command, methods=["POST"])

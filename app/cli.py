"""`python -m app …`: every part of the system by its own name."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import ctypes
import gc
import importlib
import importlib.util
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.processes import LINUX, until

PR_SET_PDEATHSIG = 1
DRAIN_SECONDS = 25


def main(arguments: list[str] | None = None) -> int:
    """Run one subcommand; its exit code."""
    parser = argparse.ArgumentParser(prog="python -m app", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (function, what) in COMMANDS.items():
        command = commands.add_parser(name, help=what, description=what)
        command.set_defaults(function=function)
        for flag, meaning in FLAGS.get(name, {}).items():
            command.add_argument(flag, action="store_true", help=meaning)
    chosen = parser.parse_args(arguments)
    stay_with_parent()
    if seed := os.environ.get("SEED"):
        os.environ["XIAOWEI_SEED"] = seed
    code = chosen.function(chosen)
    return int(code or 0)


def stay_with_parent() -> None:
    """End when the supervisor that started us is killed: nothing works behind anyone's back."""
    parent = os.environ.get("XIAOWEI_PARENT")
    if not parent:
        return
    if LINUX:
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != int(parent):
        sys.exit("the supervisor is gone")


def use_running_system() -> dict[str, Any]:
    """Take the addresses of the system that `up` runs here, where none were given."""
    from app.supervisor import running

    run = running(var_folder())
    if run and not os.environ.get("XIAOWEI_PARENT"):
        for name in ("database_url", "redis_url", "port"):
            if not os.environ.get(name.upper()):
                os.environ[name.upper()] = str(run[name])
    return run


def need_database() -> None:
    """End with the line to type when there is no database to work on."""
    if not use_running_system() and not os.environ.get("DATABASE_URL"):
        sys.exit("Nothing runs here. Type `make run` in another window, or set DATABASE_URL.")


def var_folder() -> Path:
    """The folder of everything that is written."""
    return Path(os.environ.get("XIAOWEI_VAR") or "var").resolve()


# --- the commands --------------------------------------------------------------------------------


def up(chosen: argparse.Namespace) -> int:
    """Everything, in front."""
    from app.doctor import missing
    from app.supervisor import Supervisor

    lacks = missing()
    if lacks:
        print("\n".join(f"{lack.what}\n  Type:  {lack.line}" for lack in lacks))
        return 1

    def say(text: str) -> None:
        # A closed terminal is no reason to leave anything running or half stopped.
        with contextlib.suppress(OSError):
            print(text, flush=True)

    return Supervisor(
        var=var_folder(),
        port=int(os.environ.get("PORT") or 8000),
        say=say,
        greeting=how_to_begin,
        walk_demo=not chosen.no_demo,
    ).run()


def serve(chosen: argparse.Namespace) -> int:
    """The API, on the supervisor's socket or on HOST:PORT."""
    import uvicorn

    from app.main import create_app
    from app.settings import load

    need_database()
    settings = load()
    app = create_app(settings)

    class Serving(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            # What exists now lives for ever: keep the collector off it.
            gc.freeze()
            gc.set_threshold(100_000, 50, 1000)

        def handle_exit(self, sig: int, frame: Any) -> None:
            app.state["draining"] = True
            super().handle_exit(sig, frame)

    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        http="httptools",
        ws="none",
        backlog=2048,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=DRAIN_SECONDS,
    )
    descriptor = os.environ.get("XIAOWEI_LISTEN_FD")
    Serving(config).run([socket.socket(fileno=int(descriptor))] if descriptor else None)
    return 0


def migrate(chosen: argparse.Namespace) -> int:
    """Bring the database to this version; in development with a bank's staff and a portal."""
    need_database()
    from app import database
    from app.identity.seed import seed_demo
    from app.settings import load

    async def prepare() -> None:
        settings = load()
        await database.prepare(settings)
        if settings.development:
            await seed_demo(settings)

    asyncio.run(prepare())
    return 0


def openapi(chosen: argparse.Namespace) -> int:
    """Print the OpenAPI document; with --check, compare it with the committed one."""
    import msgspec

    from app import openapi as document
    from app.main import create_app
    from app.settings import load

    committed = Path(__file__).resolve().parent.parent / "docs" / "openapi.json"
    app = create_app(load({"XIAOWEI_MASTER_KEY": "0" * 64}))
    served = msgspec.json.decode(document.rendered(app))
    text = msgspec.json.format(msgspec.json.encode(served, order="sorted"), indent=1).decode()
    text += "\n"
    if chosen.write:
        committed.write_text(text, encoding="utf-8")
    elif chosen.check:
        if not committed.exists() or committed.read_text(encoding="utf-8") != text:
            print("docs/openapi.json is not what the routes say: python -m app openapi --write")
            return 1
        print("docs/openapi.json is what the routes say.")
    else:
        print(text, end="")
    return 0


def doctor(chosen: argparse.Namespace) -> int:
    """What is in use, what is missing, and the line that mends it."""
    use_running_system()
    from app import doctor as examination

    if chosen.mend:
        return examination.mend(with_browser=chosen.browser)
    return examination.report(var_folder())


def demo(chosen: argparse.Namespace) -> int:
    """Walk a new firm's life on the running system; start one for the time if none runs."""
    if use_running_system() or os.environ.get("XIAOWEI_PARENT"):
        return _call("app.demo")(chosen)
    starting = subprocess.Popen(
        [sys.executable, "-m", "app", "up", "--no-demo"],
        env={**os.environ, "XIAOWEI_PARENT": str(os.getpid())},
        start_new_session=True,
    )
    try:
        if not until(lambda: starting.poll() is not None or bool(use_running_system()), 120):
            print("The system did not become ready within two minutes.")
            return 1
        return starting.returncode or _call("app.demo")(chosen)
    except KeyboardInterrupt:
        return 130
    finally:
        starting.terminate()
        starting.wait()


def _call(module: str) -> Callable[[argparse.Namespace], int]:
    """The `main` of a part, imported only when it is asked for."""

    def run(chosen: argparse.Namespace) -> int:
        if module != "app.sandbox.main":
            need_database()
        from app.settings import load

        return int(importlib.import_module(module).main(settings=load()) or 0)

    return run


def how_to_begin(run: dict[str, Any]) -> str:
    """What the person at the terminal needs to know, once the system is ready."""
    demo = importlib.import_module("app.demo") if importlib.util.find_spec("app.demo") else None
    lines = [
        f"  API        {run['api']}        documentation {run['api']}/docs",
        f"  Sandbox    {run['sandbox']}        the outside world: registry, tax, banks, SMS",
        f"  Logs       {var_folder()}/log",
        "",
        demo.sign_ins(run["api"], run["sandbox"]) if demo else "",
        "",
        "  Ctrl-C stops everything; data stay in var/.",
    ]
    return "\n".join(lines)


Command = Callable[[argparse.Namespace], int]
COMMANDS: dict[str, tuple[Command, str]] = {
    "up": (up, "start everything and stay in front"),
    "serve": (serve, "the HTTP API"),
    "worker": (_call("workers.main"), "the background worker"),
    "sandbox": (_call("app.sandbox.main"), "the outside world, played by a process of its own"),
    "migrate": (migrate, "bring the database to this version"),
    "demo": (demo, "walk a new firm's whole life on the running system"),
    "verify": (_call("app.verify"), "audit ledger, books, audit chain and jobs; 1 on a finding"),
    "doctor": (doctor, "what is in use, what is missing, the line that mends it"),
    "openapi": (openapi, "print the OpenAPI document"),
}
FLAGS: dict[str, dict[str, str]] = {
    "up": {"--no-demo": "do not walk the demo business"},
    "doctor": {
        "--mend": "install missing system libraries where that is allowed",
        "--browser": "with --mend: also the browser of the pages' tests",
    },
    "openapi": {
        "--check": "compare with docs/openapi.json",
        "--write": "write docs/openapi.json",
    },
}

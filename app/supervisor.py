"""`python -m app up`: starts every part in order, restarts what dies, stops all in order.

One supervisor per `var/`, held by a lock. `var/run.json` names addresses and process ids; the next
start ends whatever a killed supervisor left. Children are tied to our life, and the API's listening
socket is ours: while the API restarts, callers wait in its queue instead of being refused.
"""

from __future__ import annotations

import contextlib
import fcntl
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from app import embedded
from app.processes import EmbeddedError, born, end_process, until

ROOT = Path(__file__).resolve().parent.parent
READY_SECONDS = 90.0
LOG_BYTES = 20_000_000
# Long enough for a request in flight and the drain that follows it.
STOP_SECONDS = 30.0
FIRST_PAUSE, LONGEST_PAUSE, HEALTHY_SECONDS = 0.1, 10.0, 30.0
# An empty development database starts here, so that thirteen months lie inside known tables.
START_ON = "2025-09-01"


class NotStartedError(RuntimeError):
    """The system could not start; the message is for the person at the terminal."""


@dataclass
class Child:
    """One part: how it starts, its process now, and when it may start again."""

    name: str
    start: Callable[[], subprocess.Popen[bytes]]
    stop_signal: signal.Signals = signal.SIGTERM
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    pause: float = FIRST_PAUSE
    start_at: float = 0.0
    restarts: int = 0

    def stop(self, seconds: float = STOP_SECONDS) -> None:
        """Ask, wait, kill."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(self.stop_signal)
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@dataclass
class Supervisor:
    """The parts in the order of their start; stopped in the opposite one."""

    var: Path
    port: int
    say: Callable[[str], None]
    greeting: Callable[[dict[str, Any]], str]
    walk_demo: bool = True
    children: list[Child] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)
    # A part that has lived so long starts again at once when it dies.
    healthy_seconds: float = field(
        default_factory=lambda: float(os.environ.get("XIAOWEI_HEALTHY_SECONDS") or HEALTHY_SECONDS)
    )
    stopping: int = 0
    door: socket.socket | None = None
    lock: IO[str] | None = None

    # --- start and stop ----------------------------------------------------------------------

    def run(self) -> int:
        """Start, watch, stop; the exit code of `python -m app up`."""
        signal.signal(signal.SIGINT, self._asked)
        signal.signal(signal.SIGTERM, self._asked)
        signal.signal(signal.SIGHUP, self._asked)
        begun = time.monotonic()
        try:
            self._take_lock()
            end_recorded(self.var)
            self._start_all()
            self.say(f"Ready in {time.monotonic() - begun:.1f} s.")
            self._watch()
            return 0
        except (NotStartedError, EmbeddedError) as problem:
            if self.stopping:
                return 0
            self.say(f"\n{problem}")
            return 1
        finally:
            self._stop_all()

    def _asked(self, number: int, frame: object) -> None:
        self.stopping += 1
        if self.stopping == 1:
            self.say("\nStopping: API, worker, sandbox, Valkey, PostgreSQL (data stay in var/) …")
        else:
            for child in self.children:
                if child.process and child.name != "postgres":
                    child.process.kill()

    def _take_lock(self) -> None:
        self.var.mkdir(parents=True, exist_ok=True)
        self.lock = (self.var / "supervisor.lock").open("a+")
        # A child of a killed supervisor never holds this: descriptors are not inherited.
        for _ in range(20):
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            time.sleep(0.05)
        run = read_run(self.var)
        self.lock.close()
        self.lock = None
        raise NotStartedError(
            f"It runs already: {run.get('api', 'see var/run.json')} (process "
            f"{run.get('supervisor', '?')}). Stop that one first, or set XIAOWEI_VAR and PORT."
        )

    def _start_all(self) -> None:
        self._open_door()
        self.environment = {
            **os.environ,
            "PYTHONUNBUFFERED": "1",
            "XIAOWEI_PARENT": str(os.getpid()),
            "XIAOWEI_VAR": str(self.var),
            "PORT": str(self.port),
        }
        if self.environment.get("XIAOWEI_ENVIRONMENT", "development") == "development":
            self.environment.setdefault("XIAOWEI_START_ON", START_ON)
        if not os.environ.get("DATABASE_URL"):
            self._server("postgres", embedded.start_postgres, "DATABASE_URL", signal.SIGINT)
        if not os.environ.get("REDIS_URL"):
            self._server("valkey", embedded.start_valkey, "REDIS_URL", signal.SIGTERM)
        self._part("sandbox")
        self._migrate()
        self._part("api", "serve", self._fds())
        self._part("worker")
        self._write_run("starting")
        self._await_ready()
        self._write_run("ready")

    def _stop_all(self) -> None:
        for child in reversed(self._by_stop_order()):
            child.stop(2.0 if self.stopping > 1 else STOP_SECONDS)
        if self.door:
            self.door.close()
        if self.lock:
            (self.var / "run.json").unlink(missing_ok=True)
            self.lock.close()

    def _by_stop_order(self) -> list[Child]:
        # Doors close first: API, worker, sandbox; then what they stand on.
        order = ("postgres", "valkey", "sandbox", "demo", "worker", "api")
        return sorted(self.children, key=lambda child: order.index(child.name))

    # --- the parts ---------------------------------------------------------------------------

    def _open_door(self) -> None:
        host = os.environ.get("XIAOWEI_HOST", "127.0.0.1")
        for port in (self.port + 1, self.port):
            door = socket.socket()
            door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                door.bind((host, port))
            except OSError as taken:
                raise NotStartedError(
                    f"Port {port} is not to be had ({taken.strerror}). Type for example:  "
                    f"PORT={self.port + 100} make run"
                ) from taken
            if port == self.port:
                door.listen(2048)
                self.door = door
            else:
                door.close()

    def _fds(self) -> tuple[int, ...]:
        assert self.door
        return (self.door.fileno(),)

    def _server(
        self,
        name: str,
        start: Callable[..., embedded.Server],
        variable: str,
        how: signal.Signals,
    ) -> None:
        log = self._log(name)

        def begin() -> subprocess.Popen[bytes]:
            server = start(self.var, log=log)
            self.environment[variable] = server.url
            return server.process

        self._add(Child(name, begin, how))

    def _part(self, name: str, command: str = "", fds: tuple[int, ...] = ()) -> None:
        log = self._log(name)

        def begin() -> subprocess.Popen[bytes]:
            extra = {"XIAOWEI_LISTEN_FD": str(fds[0])} if fds else {}
            with log.open("ab") as out:
                return subprocess.Popen(
                    [sys.executable, "-m", "app", command or name],
                    cwd=ROOT,
                    env={**self.environment, **extra},
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=out,
                    pass_fds=fds,
                    start_new_session=True,
                )

        self._add(Child(name, begin))

    def _add(self, child: Child) -> None:
        child.process, child.started = child.start(), time.monotonic()
        self.children.append(child)

    def _log(self, name: str) -> Path:
        folder = self.var / "log"
        folder.mkdir(exist_ok=True)
        path = folder / f"{name}.log"
        if path.exists() and path.stat().st_size > LOG_BYTES:
            path.rename(path.with_suffix(".log.1"))
        return path

    def _migrate(self) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "app", "migrate"],
            cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode != 0:
            raise NotStartedError(f"Migration failed:\n{done.stdout}{done.stderr}")

    def _await_ready(self) -> None:
        if not until(lambda: self.stopping > 0 or self._ready(), READY_SECONDS):
            tails = "\n".join(f"  {self._log(child.name)}" for child in self.children)
            raise NotStartedError(f"Not ready after {READY_SECONDS:.0f} s. Look into:\n{tails}")

    def _ready(self) -> bool:
        self._restart_dead()
        time.sleep(0.03)
        return answers("127.0.0.1", self.port + 1, "/health") and answers(
            "127.0.0.1", self.port, "/health/ready"
        )

    # --- watching ----------------------------------------------------------------------------

    def _watch(self) -> None:
        self.say(self.greeting(read_run(self.var)))
        done = self.var / "demo.done"
        if self.walk_demo and not done.exists():
            self._part("demo")
            self._write_run("ready")
        while not self.stopping:
            time.sleep(0.1)
            demo = next((child for child in self.children if child.name == "demo"), None)
            if demo and demo.process and demo.process.poll() is not None:
                self.children.remove(demo)
                self._demo_ended(demo.process.returncode, done)
            if self._restart_dead():
                self._write_run("ready")

    def _demo_ended(self, code: int, done: Path) -> None:
        if code == 0:
            done.touch()
            self.say("The demo business has walked its first year; sign in and look.")
        else:
            self.say(f"The demo business stopped early: see {self._log('demo')}")

    def _restart_dead(self) -> bool:
        """Start again what died, after a pause that doubles while it keeps dying."""
        changed = False
        now = time.monotonic()
        for child in self.children:
            if child.process is not None and child.process.poll() is not None:
                if child.name == "demo":
                    continue
                if now - child.started > self.healthy_seconds:
                    child.pause = FIRST_PAUSE
                self.say(
                    f"{child.name} ended ({child.process.returncode}); starts again in "
                    f"{child.pause:.1f} s; see {self._log(child.name)}"
                )
                child.start_at, child.process = now + child.pause, None
                child.pause = min(child.pause * 2, LONGEST_PAUSE)
            if child.process is None and now >= child.start_at and not self.stopping:
                try:
                    child.process, child.started = child.start(), time.monotonic()
                    child.restarts += 1
                    changed = True
                except EmbeddedError as problem:
                    self.say(f"{child.name}: {problem}")
                    child.start_at = now + child.pause
                    child.pause = min(child.pause * 2, LONGEST_PAUSE)
        return changed

    def _write_run(self, state: str) -> None:
        run = {
            "state": state,
            "api": f"http://127.0.0.1:{self.port}",
            "sandbox": f"http://127.0.0.1:{self.port + 1}",
            "port": self.port,
            "database_url": self.environment["DATABASE_URL"],
            "redis_url": self.environment["REDIS_URL"],
            "supervisor": os.getpid(),
            "supervisor_born": born(os.getpid()),
            "processes": {
                child.name: {
                    "pid": child.process.pid,
                    "born": born(child.process.pid),
                    "restarts": child.restarts,
                }
                for child in self.children
                if child.process
            },
        }
        path = self.var / "run.json"
        fresh = path.with_suffix(".new")
        descriptor = os.open(fresh, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as out:
            json.dump(run, out, indent=2)
        fresh.replace(path)


def answers(host: str, port: int, path: str) -> bool:
    """Whether a part says that it can serve."""
    with contextlib.suppress(OSError, http.client.HTTPException):
        ask = http.client.HTTPConnection(host, port, timeout=2)
        try:
            ask.request("GET", path)
            return ask.getresponse().status == 200
        finally:
            ask.close()
    return False


def read_run(var: Path) -> dict[str, Any]:
    """What `var/run.json` says; empty when nothing does."""
    with contextlib.suppress(OSError, ValueError):
        found: dict[str, Any] = json.loads((var / "run.json").read_text(encoding="utf-8"))
        return found
    return {}


def running(var: Path) -> dict[str, Any]:
    """The addresses of the system that runs on this folder; empty when none is ready."""
    run = read_run(var)
    alive = bool(run) and born(run["supervisor"]) == run["supervisor_born"] != ""
    return run if alive and run["state"] == "ready" else {}


def end_recorded(var: Path) -> None:
    """End the parts that a killed supervisor left running, so that nothing works behind our back.

    PostgreSQL and Valkey end their own leftovers when they start.
    """
    for name, process in read_run(var).get("processes", {}).items():
        if name not in ("postgres", "valkey"):
            end_process(process["pid"], process["born"])
    (var / "run.json").unlink(missing_ok=True)

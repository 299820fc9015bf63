"""The deployment's files, as far as the programs that read them can judge without an engine."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from replicas import RedisProcess, docker_compose

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "deploy/compose"
DOCKERFILE = ROOT / "deploy/docker/Dockerfile"
HADOLINT = Path(sys.executable).with_name("hadolint")

#: What each image runs.
PROGRAMS = {"server": ["benchfront-server", "benchfront"], "agent": ["benchfront-agent"]}


def stages():
    """The Dockerfile's stages by name: its parent and its lines, continued ones joined."""
    text = re.sub(r"^\s*#.*\n", "", DOCKERFILE.read_text(), flags=re.MULTILINE)
    found = {}
    for line in text.replace("\\\n", " ").splitlines():
        if match := re.fullmatch(r"FROM (\S+) AS (\S+)", line):
            parent, name = match.groups()
            found[name] = (parent, [])
        elif line.strip():
            found[name][1].append(line)
    return found


def installed(name):
    """Packages that a stage and those below it install by name."""
    if name not in stages():
        return set()
    parent, lines = stages()[name]
    packages = installed(parent)
    for line in lines:
        for words in re.findall(r"apt-get install -y --no-install-recommends ([^&|;]*)", line):
            packages.update(words.split())
    return packages


def packages_needed(program):
    """Debian's packages of the shared libraries that a program names, without Swift's own.

    The images link Swift's runtime statically, which then wants C++'s library.
    """
    headers = subprocess.run(
        ["objdump", "-p", program], capture_output=True, text=True, check=True).stdout
    needed = set(re.findall(r"NEEDED\s+(\S+)", headers))
    where = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
    packages = {"libstdc++6"}
    for name, path in re.findall(r"^\s*(\S+) => (\S+)", where, re.MULTILINE):
        if name in needed and "/swift/" not in path:
            path = os.path.realpath(path)
            # Some packages say /lib for what lies in /usr/lib.
            owner = subprocess.run(
                ["dpkg", "-S", path, path.removeprefix("/usr")], capture_output=True, text=True,
                check=False)
            packages.add(owner.stdout.split(":")[0])
    return packages - {"libc6"}


def test_hadolint_finds_nothing_to_complain_about():
    files = list((ROOT / "deploy").rglob("*Dockerfile"))
    assert DOCKERFILE in files
    check = subprocess.run([HADOLINT, *files], capture_output=True, text=True, check=False)
    assert (check.returncode, check.stdout, check.stderr) == (0, "", "")


def test_the_build_stage_installs_what_building_needs():
    # By the very script that every other build uses, so that no list can differ from it.
    _, lines = stages()["build"]
    install = next(index for index, line in enumerate(lines) if "packages.sh build" in line)
    copied = [line for line in lines[:install] if line.startswith("COPY")]
    assert any("deploy/local/packages.sh" in line for line in copied)
    script = (ROOT / "deploy/local/packages.sh").read_text()
    listed = re.search(r"^build_packages=\((.*?)\)", script, re.MULTILINE | re.DOTALL).group(1)
    assert {"libnghttp2-dev", "libpq-dev", "libhiredis-dev"} <= set(listed.split())
    assert not any("-dev" in line for line in lines)


@pytest.mark.parametrize("image", PROGRAMS)
def test_an_image_holds_the_libraries_of_its_programs_and_no_more(image, binaries):
    needed = set().union(*(packages_needed(binaries / name) for name in PROGRAMS[image]))
    # Certificates are read, not linked.
    assert installed(image) == needed | {"ca-certificates"}


@pytest.mark.parametrize("image", PROGRAMS)
def test_an_image_runs_as_somebody_without_rights(image):
    _, lines = stages()[image]
    users = [line for line in lines if line.startswith("USER")]
    assert users == ["USER 10001:10001"]
    assert lines.index(users[0]) > max(i for i, line in enumerate(lines) if line.startswith("RUN"))
    copied = [line for line in lines if line.startswith("COPY")]
    assert [line.count("/programs/") for line in copied] == [len(PROGRAMS[image])]


def test_what_the_build_copies_is_let_in():
    ignore = DOCKERFILE.with_name("Dockerfile.dockerignore").read_text().splitlines()
    let_in = {line[1:] for line in ignore if line.startswith("!")}
    _, lines = stages()["build"]
    copied = {word for line in lines if line.startswith("COPY") for word in line.split()[1:-1]}
    assert copied == let_in
    assert all((ROOT / path).exists() for path in copied)


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """compose.yaml as Docker Compose understands it, with the example's settings."""
    environment = tmp_path_factory.mktemp("compose") / ".env"
    example = (COMPOSE / ".env.example").read_text()
    environment.write_text(re.sub(r"^(\w+_PASSWORD)=$", r"\1=secret", example, flags=re.MULTILINE))
    run = docker_compose(
        "--env-file", environment, "--profile", "*", "config", "--format", "json")
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def test_compose_asks_for_the_passwords_that_nobody_gave():
    run = docker_compose("--env-file", COMPOSE / ".env.example", "config")
    assert run.returncode != 0
    assert "POSTGRES_PASSWORD is missing a value: set it in .env" in run.stderr


def test_no_password_is_committed():
    for line in (COMPOSE / ".env.example").read_text().splitlines():
        assert not re.match(r"\w*PASSWORD=.", line), line


def test_every_image_is_pinned(project):
    for name, service in project["services"].items():
        assert re.search(r":\d+\.\d+\.\d+", service["image"]), name


def test_servers_share_database_and_redis_and_nothing_of_the_outside(project):
    servers = [project["services"][name] for name in ("server-1", "server-2")]
    assert servers[0] == servers[1]
    assert list(servers[0]["networks"]) == ["private"]
    assert project["networks"]["private"]["internal"]
    for name, service in project["services"].items():
        assert name == "haproxy" or not service.get("ports"), name
    for port in project["services"]["haproxy"]["ports"]:
        assert port["host_ip"] == "127.0.0.1"
    # libpq reads a password file only when it is its reader's alone.
    secret = servers[0]["secrets"][0]
    assert (secret["uid"], secret["mode"]) == ("10001", "0400")
    assert servers[0]["environment"]["PGPASSFILE"] == secret["target"]


def seconds(duration):
    """A Go duration such as 1m30s."""
    units = {"h": 3600, "m": 60, "s": 1}
    return sum(int(number) * units[unit] for number, unit in re.findall(r"(\d+)([hms])", duration))


def test_everybody_has_the_time_to_end_well(project):
    server = project["services"]["server-1"]
    environment = server["environment"]
    drain = sum(float(environment[f"BENCHFRONT_DRAIN_{part}"]) for part in ("DELAY", "GRACE"))
    assert seconds(server["stop_grace_period"]) > drain + 5
    configuration = (COMPOSE / "haproxy.cfg").read_text()
    hard_stop = re.search(r"hard-stop-after (\w+)", configuration).group(1)
    assert seconds(project["services"]["haproxy"]["stop_grace_period"]) > seconds(hard_stop)


def test_every_flag_of_the_compose_file_is_known(project, binaries):
    text = subprocess.run(
        [binaries / "benchfront-server", "serve", "--help"],
        capture_output=True, text=True, check=True).stdout
    for name in project["services"]["server-1"]["environment"]:
        assert name in text or not name.startswith("BENCHFRONT_"), name
    text = subprocess.run(
        [binaries / "benchfront-agent", "run", "--help"],
        capture_output=True, text=True, check=True).stdout
    for flag in project["services"]["agent"]["command"][1:]:
        assert flag.split("=")[0] in text


def test_the_probe_of_a_server_tells_ready_from_not(project, start_server):
    server = start_server("--drain-delay", "300")
    address, port = server.metrics.removeprefix("http://").split(":")
    test = project["services"]["server-1"]["healthcheck"]["test"]
    assert test[0] == "CMD"
    probe = [word.replace("$$", "$").replace("127.0.0.1/9464", f"{address}/{port}")
             for word in test[1:]]
    assert subprocess.run(probe, check=False, timeout=10).returncode == 0
    server.process.terminate()
    while subprocess.run(probe, check=False, timeout=10).returncode == 0:
        pass
    server.process.kill()
    server.process.wait()
    assert subprocess.run(
        probe, check=False, timeout=10, stderr=subprocess.DEVNULL).returncode != 0


def test_haproxy_takes_its_configuration():
    command = ["haproxy", "-c", "-f", COMPOSE / "haproxy.cfg"]
    check = subprocess.run(command, capture_output=True, text=True, check=False)
    assert check.returncode == 0, check.stderr
    assert "WARNING" not in check.stderr, check.stderr


def test_haproxy_knows_every_server_of_the_compose_file(project):
    configuration = (COMPOSE / "haproxy.cfg").read_text()
    line = r"^  server (\S+) (\S+):50051 port 9464 check-proto h1$"
    named = re.findall(line, configuration, re.MULTILINE)
    servers = [name for name in project["services"] if name.startswith("server-")]
    assert named == [(name, name) for name in sorted(servers)]


def test_redis_takes_its_configuration_and_keeps_nothing(project, tmp_path):
    with RedisProcess(tmp_path, project["configs"]["redis"]["content"]) as redis:
        assert "NOAUTH" in redis.ask("ping", password=None)
        for setting, value in [
            ("maxmemory", str(256 << 20)), ("maxmemory-policy", "allkeys-lru"), ("save", ""),
            ("appendonly", "no"),
        ]:
            assert redis.ask("config", "get", setting, password="secret").split("\n")[1] == value

"""A Slurm of two nodes on this machine, in a mount namespace of its own, that leaves no trace."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

TOOLS = ("munged", "slurmctld", "slurmd", "sbatch", "srun", "squeue", "scontrol", "unshare")
NODES = ("node1", "node2")
PATIENCE = 300  # seconds; the machine may be busy
CONFIG = """
ClusterName=mini
SlurmctldHost=localhost
SlurmUser=root
SlurmctldPort={ports[0]}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
StateSaveLocation={folder}/state
SlurmctldPidFile={folder}/slurmctld.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdPidFile={folder}/%n.pid
SlurmdLogFile={folder}/%n.log
SlurmdSpoolDir={folder}/%n
SlurmdParameters=config_overrides
SlurmdTimeout=12
MessageTimeout=60
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=1
JobAcctGatherParams=OverMemoryKill
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
MpiDefault=none
ReturnToService=2
MinJobAge=3600
KillWait=2
NodeName=node1 NodeHostname=localhost NodeAddr=127.0.0.1 Port={ports[1]} CPUs=8 RealMemory=16000
NodeName=node2 NodeHostname=localhost NodeAddr=127.0.0.1 Port={ports[2]} CPUs=8 RealMemory=16000
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP LLN=YES
PartitionName=one Nodes=node1 MaxTime=INFINITE State=UP
PartitionName=two Nodes=node2 MaxTime=INFINITE State=UP
"""


def missing() -> list[str]:
    """Say what this machine lacks for a Slurm of its own."""
    tools = [f"no {tool}" for tool in TOOLS if shutil.which(tool) is None]
    user = [] if os.geteuid() == 0 else ["not root"]
    return [*user, *tools, *([] if Path("/etc/slurm").is_dir() else ["no /etc/slurm"])]


def wait_until(true: Callable[[], object], what: str, seconds: float = PATIENCE) -> None:
    """Wait until ``true()`` holds; raise if it doesn't within ``seconds``."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise TimeoutError(f"waited {seconds:.0f} s in vain until {what}")
        time.sleep(0.1)


@dataclass(frozen=True)
class Job:
    """What Slurm knows of a job."""

    number: str
    rule: str  # or a group and its rules
    dataset: str
    state: str
    node: str
    start: str  # ISO, to the second: as text in the order of time
    end: str
    cores: int


@dataclass(frozen=True)
class Slurm:
    """A running Slurm: its folder and the process that holds its mount namespace."""

    folder: Path
    holder: int

    def inside(self, *command: str, folder: Path = Path("/")) -> list[str]:
        """Return what runs ``command`` in ``folder`` where this Slurm is seen, as one process."""
        enter = ["nsenter", f"--target={self.holder}", "--mount", f"--wd={folder}", "--"]
        return [*enter, *command]

    def call(self, *command: str) -> str:
        """Run ``command`` and return what it prints."""
        done = subprocess.run(
            self.inside(*command), capture_output=True, check=True, encoding="utf-8"
        )
        return done.stdout

    def pid(self, daemon: str) -> int:
        """Return the process of ``slurmctld``, ``munged``, ``node1`` or ``node2``."""
        return int((self.folder / f"{daemon}.pid").read_text(encoding="ascii"))

    def crash(self, job: Job) -> None:
        """Kill a job's node with all of the job there, as if its power had gone."""
        self.stop(job.node, signal.SIGKILL)
        keeper, mark = f"slurmstepd: [{job.number}.", f"SLURM_JOB_ID={job.number}"
        for file, sign in (("cmdline", keeper), ("environ", mark)):
            for process in self.processes():
                with suppress(FileNotFoundError, ProcessLookupError):
                    if sign.encode() in (process / file).read_bytes():
                        os.kill(int(process.name), signal.SIGKILL)

    def processes(self) -> list[Path]:
        """List what runs in this Slurm's mount namespace, as folders of /proc."""
        return [one for one in Path("/proc").glob("[0-9]*") if self._is_inside(one)]

    def _is_inside(self, process: Path) -> bool:
        with suppress(OSError):
            return os.path.samefile(process / "ns/mnt", f"/proc/{self.holder}/ns/mnt")
        return False

    def start_node(self, name: str) -> None:
        """Start a node's daemon, forgetting what it did before."""
        self.call("slurmd", "-c", "-N", name)

    def wait_until_idle(self) -> None:
        """Wait until both nodes are there and have nothing to do."""
        idle = ("sinfo", "--noheader", "--states=idle", "--format=%T %D")
        wait_until(lambda: self.call(*idle).strip() == "idle 2", "both nodes are idle")

    def stop(self, daemon: str, how: int = signal.SIGTERM) -> None:
        """Stop a daemon by its pid file and wait until it is gone."""
        with suppress(FileNotFoundError, ProcessLookupError):
            pid = self.pid(daemon)
            os.kill(pid, how)
            wait_until(lambda: has_ended(pid), f"{daemon} has ended", 30)

    def jobs(self, folder: Path) -> list[Job]:
        """List the jobs, ended ones too, that were submitted from ``folder``."""
        lines = self.call("scontrol", "--oneliner", "show", "job").splitlines()
        records = [dict(word.partition("=")[::2] for word in line.split()) for line in lines]
        return [as_job(record) for record in records if record.get("WorkDir") == str(folder)]

    def queue(self, folder: Path) -> list[Job]:
        """List the jobs from ``folder`` that wait or work."""
        alive = ("PENDING", "CONFIGURING", "RUNNING", "COMPLETING")
        return [job for job in self.jobs(folder) if job.state in alive]


def as_job(record: dict[str, str]) -> Job:
    """Read a record of scontrol; the profiles name rule and data set in different fields."""
    rule, _, dataset = record.get("Comment", "").removeprefix("rule_").partition("_wildcards_")
    return Job(
        number=record["JobId"],
        rule=rule or record["JobName"],
        dataset=dataset,
        state=record["JobState"],
        node=record.get("NodeList", "(null)"),
        start=record["StartTime"],
        end=record["EndTime"],
        cores=int(record["NumCPUs"]),
    )


def has_ended(pid: int) -> bool:
    """Say whether a process is gone, or only waits for its parent to take note."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return True
    return state == "Z"


def free_ports(count: int) -> list[int]:
    """Find ports that nobody listens to."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


@contextmanager
def running_slurm() -> Iterator[Slurm]:
    """Start munge, slurmctld and two slurmd; stop them by their pid files and remove all."""
    folder = Path(tempfile.mkdtemp(prefix="slurm-"))
    folder.chmod(0o755)
    for name in ("etc", "state", *NODES):
        (folder / name).mkdir()
    config = CONFIG.format(folder=folder, ports=free_ports(3))
    (folder / "etc" / "slurm.conf").write_text(config, encoding="utf-8")
    (folder / "key").touch(mode=0o600)
    (folder / "key").write_bytes(os.urandom(1024))
    mount = f"mount --bind {folder}/etc /etc/slurm && touch {folder}/mounted && exec sleep infinity"
    namespace = ["unshare", "--mount", "--propagation", "private", "sh", "-c", mount]
    holder = subprocess.Popen(namespace, stdin=subprocess.DEVNULL)
    slurm = Slurm(folder, holder.pid)
    try:
        wait_until((folder / "mounted").exists, "/etc/slurm is covered", 30)
        files = {"key-file": "key", "socket": "munge.socket", "pid-file": "munged.pid"}
        files |= {"log-file": "munged.log", "seed-file": "seed"}
        options = [f"--{option}={folder / name}" for option, name in files.items()]
        slurm.call("munged", "--force", *options)
        slurm.call("slurmctld", "-c")
        for node in NODES:
            slurm.start_node(node)
        slurm.wait_until_idle()
        yield slurm
    finally:
        with suppress(subprocess.CalledProcessError):
            slurm.call("scancel", "--user=root", "--full")
        for daemon in (*NODES, "slurmctld", "munged"):
            slurm.stop(daemon)
        for process in slurm.processes():  # what a test that broke off has left, and the holder
            with suppress(ProcessLookupError):
                os.kill(int(process.name), signal.SIGKILL)
        holder.wait()
        shutil.rmtree(folder)

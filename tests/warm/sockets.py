"""Importing this lets every front end of this process talk to its kernels over sockets in a folder, and not by TCP.

A port that is free when a front end chooses it may be taken when the kernel wants it: others on this machine, tests among them, take
ports too. Then the kernel ends before its first word.
"""

import shutil
import tempfile
from typing import Any

from jupyter_client.provisioning.local_provisioner import LocalProvisioner

_pre_launch, _cleanup = LocalProvisioner.pre_launch, LocalProvisioner.cleanup


async def _by_sockets(self: LocalProvisioner, **options: Any) -> dict[str, Any]:
    manager = self.parent
    if manager is not None and manager.transport == "tcp":
        self.folder_of_sockets = tempfile.mkdtemp(prefix="sockets-")
        manager.transport, manager.ip = "ipc", f"{self.folder_of_sockets}/kernel"
    return await _pre_launch(self, **options)


async def _and_remove_them(self: LocalProvisioner, restart: bool = False) -> None:
    await _cleanup(self, restart)
    if not restart and (folder := getattr(self, "folder_of_sockets", "")):
        shutil.rmtree(folder, ignore_errors=True)


LocalProvisioner.pre_launch, LocalProvisioner.cleanup = _by_sockets, _and_remove_them

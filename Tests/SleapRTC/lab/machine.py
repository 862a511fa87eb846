"""What a GPU machine has on its path, for machines that have none."""

import os
from pathlib import Path

NVIDIA_SMI = """#!/bin/sh
echo "NVIDIA Test GPU"
"""

# Says what a training says, and leaves what a training leaves.
SLEAP_NN = """#!/bin/sh
echo "sleap-nn $*"
mkdir -p models/run && echo weights > models/run/best.ckpt
for epoch in 0 1 2; do
  echo "Epoch $epoch: train/loss=0.$((9 - epoch)) val/loss=0.$((9 - epoch))"
  sleep 0.3
done
"""


def path_with_gpu(folder: Path) -> str:
    """A PATH on which stand-ins for the GPU's and the trainer's programs come first."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in {"nvidia-smi": NVIDIA_SMI, "sleap-nn": SLEAP_NN}.items():
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    return f"{folder}:{os.environ['PATH']}"
